"""What the sample application makes of each fault of the sample provider, over HTTP."""

from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from testproject.op.faults import callback, id_token, keys, userinfo
from tests import sample_application
from tests.faulty_provider import LIMIT, signed_in
from tests.faulty_provider import running as running_provider
from tests.processes import wait_until
from tests.sample_application import Visitor

ENVIRONMENTS = {
    "plain": {},
    "userinfo optional": {"RP_USERINFO": "optional", "RP_GROUPS_CLAIM": "roles"},
    "userinfo required": {"RP_USERINFO": "required"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def op(folder):
    with running_provider(folder) as url:
        yield url


@pytest.fixture(scope="module")
def alice(op):
    """The browser of somebody who is signed in at the provider."""
    return signed_in(op, "alice")


@pytest.fixture(scope="module")
def applications(op, folder):
    """Return a function that starts an application of an environment, once."""
    with ExitStack() as stack:
        started = {}

        def start(name):
            if name not in started:
                started[name] = stack.enter_context(sample_application.running(op, folder, **ENVIRONMENTS[name]))
            return started[name]

        yield start


@pytest.fixture
def visitor(applications, alice):
    """Return a function that gives alice's browser at an application, which has no fault afterwards."""
    with ExitStack() as stack:

        def visit(name="plain"):
            application = applications(name)
            stack.callback(application.have_none)
            return Visitor(application, alice)

        yield visit


@pytest.fixture
def at_login(visitor):
    """Return a function that has alice sign in with a fault: her browser, and the page where that ends."""

    def sign_in(profile, name="plain"):
        browser = visitor(name)
        browser.application.have(profile)
        return browser, browser.sign_in()

    return sign_in


@pytest.fixture
def at_refresh(visitor):
    """Return a function that has alice refresh with a fault, after a login without: her browser, and the answer."""

    def refresh(profile, name="plain", **more):
        browser = visitor(name)
        assert is_let_in(browser, browser.sign_in())
        browser.application.have(profile, **more)
        return browser, browser.refresh()

    return refresh


def is_let_in(browser, page):
    return page.status_code == 200 and page.url == f"{browser.application.url}/members/"


def status_of(browser, path):
    return browser.open(path, follow=False).status_code


def answer_of(response):
    return response.status_code, response.json().get("error")


def test_without_a_fault_all_is_well(visitor):
    browser = visitor()
    assert is_let_in(browser, browser.sign_in())
    told = browser.status()
    assert (told["state"], set(told["groups"])) == ("active", {"members", "staff"})
    assert status_of(browser, "/staff/") == 200
    assert answer_of(browser.refresh()) == (200, None)


# Groups


def test_huge_groups_fit_into_small_cookies_at_login_refresh_and_logout(at_login):
    browser, page = at_login("huge-groups")
    assert is_let_in(browser, page)
    assert len(browser.status()["groups"]) > 700
    assert status_of(browser, "/staff/") == 200
    assert browser.refresh().status_code == 200
    assert sum(len(name) + len(value) for name, value in browser.cookies.items()) < 200
    assert browser.post("logout").status_code == 200
    assert browser.state == "anonymous"


def test_groups_in_one_string_are_known_by_their_parts_and_as_a_whole(at_login):
    browser, _ = at_login("groups-as-string")
    groups = browser.status()["groups"]
    assert {"members", "staff"} < set(groups)
    assert any(group.count(",") > 1 for group in groups)
    assert status_of(browser, "/staff/") == 200


def test_single_group_may_be_a_string(at_login):
    browser, _ = at_login("groups-as-single-string")
    assert browser.status()["groups"] == ["staff"]


def test_groups_may_be_under_another_claim(at_login):
    browser, _ = at_login("groups-under-another-claim", "userinfo optional")
    assert set(browser.status()["groups"]) == {"members", "staff"}


@pytest.mark.parametrize("profile", ["groups-missing", "groups-under-another-claim"])
def test_who_has_no_groups_is_signed_in_and_refused_without_another_login(at_login, profile):
    browser, page = at_login(profile)
    assert is_let_in(browser, page)
    assert browser.status()["groups"] == []
    assert status_of(browser, "/staff/") == 403


# Tokens and refresh


def test_short_access_token_is_refreshed_by_whoever_looks_at_a_page(at_login):
    browser, _ = at_login("short-expiry")
    first = browser.status()["expires_at"]
    wait_until(lambda: status_of(browser, "/members/") == 200 and browser.status()["expires_at"] > first)


def test_lost_group_is_lost_with_the_refresh(at_refresh):
    browser, answer = at_refresh("refresh-loses-group")
    assert answer.json()["groups"] == ["members"]
    assert status_of(browser, "/staff/") == 403
    assert status_of(browser, "/members/") == 200


@pytest.mark.parametrize("profile", ["refresh-does-not-rotate", "refresh-absent"])
def test_refresh_token_that_stays_is_used_again(at_refresh, profile):
    browser, answer = at_refresh(profile)
    assert answer.status_code == browser.refresh().status_code == 200


def test_login_without_a_refresh_token_expires_when_it_would_be_needed(at_login):
    browser, _ = at_login("refresh-absent")
    assert browser.state == "active"
    assert answer_of(browser.refresh()) == (401, "session_expired")


def test_slow_refresh_is_waited_for(at_refresh):
    _, answer = at_refresh("refresh-slow", seconds=1)
    assert answer.status_code == 200


def test_refused_grant_expires_the_session_and_a_login_revives_it(at_refresh):
    browser, answer = at_refresh("refresh-invalid-grant")
    assert answer_of(answer) == (401, "session_expired")
    assert browser.state == "expired"
    assert is_let_in(browser, browser.sign_in())
    assert browser.state == "active"


@pytest.mark.parametrize(
    "profile", ["refresh-invalid-client", "refresh-unauthorized-client", "refresh-unsupported-grant-type"]
)
def test_refused_client_is_told_on_a_page_and_sent_nowhere(at_refresh, profile):
    browser, answer = at_refresh(profile)
    assert answer_of(answer) == (400, "provider_refuses_application")
    assert browser.state == "expired"
    page = browser.open("/members/", follow=False)
    assert (page.status_code, page.headers.get("Location")) == (400, None)
    assert "Its administrators can see why in the log" in page.text


@pytest.mark.parametrize("profile", ["refresh-429", "refresh-500", "refresh-not-json", "refresh-time-out"])
def test_hiccup_signs_nobody_out(at_refresh, profile):
    browser, answer = at_refresh(profile)
    assert answer_of(answer) == (503, "provider_unavailable")
    assert browser.state == "active"
    assert status_of(browser, "/members/") == 200


# Userinfo

HICCUPS_OF_USERINFO = ["userinfo-failing", "userinfo-not-json", "userinfo-time-out"]
REFUSALS_OF_USERINFO = ["userinfo-denied", "userinfo-invalid-token", "userinfo-another-sub"]


def test_groups_of_userinfo_win_where_it_is_asked(at_login):
    asked, _ = at_login("userinfo-other-groups", "userinfo required")
    not_asked, _ = at_login("userinfo-other-groups")
    assert asked.status()["groups"] == ["auditors"]
    assert set(not_asked.status()["groups"]) == {"members", "staff"}


@pytest.mark.parametrize("profile", userinfo.PROFILES)
def test_userinfo_that_is_not_asked_matters_to_nobody(at_login, profile):
    browser, page = at_login(profile)
    assert is_let_in(browser, page)
    assert browser.refresh().status_code == 200


@pytest.mark.parametrize("profile", [*HICCUPS_OF_USERINFO, *REFUSALS_OF_USERINFO])
def test_login_can_do_without_optional_userinfo(at_login, profile):
    browser, page = at_login(profile, "userinfo optional")
    assert is_let_in(browser, page)


@pytest.mark.parametrize("profile", HICCUPS_OF_USERINFO)
def test_hiccup_of_required_userinfo_is_told_at_login_and_signs_nobody_out_at_refresh(at_login, at_refresh, profile):
    browser, page = at_login(profile, "userinfo required")
    assert (page.status_code, browser.state) == (503, "anonymous")
    browser.application.have_none()
    browser, answer = at_refresh(profile, "userinfo required")
    assert answer_of(answer) == (503, "provider_unavailable")
    assert browser.state == "active"


@pytest.mark.parametrize("profile", REFUSALS_OF_USERINFO)
def test_whom_required_userinfo_refuses_gets_403_and_no_other_login(at_login, at_refresh, profile):
    browser, page = at_login(profile, "userinfo required")
    assert (page.status_code, browser.state) == (403, "anonymous")
    browser.application.have_none()
    browser, answer = at_refresh(profile, "userinfo required")
    assert answer_of(answer) == (403, "access_denied")
    assert status_of(browser, "/members/") == 403


# ID token


@pytest.mark.parametrize("profile", [name for name in id_token.PROFILES if name != "id-token-another-sub"])
def test_bad_id_token_signs_nobody_in(at_login, profile):
    browser, page = at_login(profile)
    assert (page.status_code, browser.state) == (400, "anonymous")
    assert "Signing in did not work" in page.text


def test_id_token_of_somebody_else_signs_nobody_in_where_userinfo_can_tell(at_login):
    browser, page = at_login("id-token-another-sub", "userinfo required")
    assert (page.status_code, browser.state) == (403, "anonymous")


@pytest.mark.parametrize("profile", [name for name in id_token.PROFILES if name != "id-token-missing"])
def test_bad_id_token_at_a_refresh_ends_the_session(at_refresh, profile):
    browser, answer = at_refresh(profile)
    assert answer_of(answer) == (400, "session_ended")
    assert browser.state == "anonymous"


def test_refresh_needs_no_id_token(at_refresh):
    browser, answer = at_refresh("id-token-missing")
    assert answer.status_code == 200
    assert browser.state == "active"


# Callback


@pytest.mark.parametrize("profile", callback.PROFILES)
def test_login_that_comes_back_wrong_ends_on_a_page_that_starts_nothing(at_login, profile):
    browser, page = at_login(profile)
    assert page.url.startswith(f"{browser.application.url}/oidc/demo/callback/?")
    assert page.status_code == 400
    assert browser.state == "anonymous"
    browser.application.have_none()
    assert is_let_in(browser, browser.sign_in())


# Keys


@pytest.mark.parametrize("profile", keys.PROFILES)
def test_new_key_is_found(op, folder, alice, profile):
    with sample_application.running(op, folder) as application:
        before, after = Visitor(application, alice), Visitor(application, alice)
        assert is_let_in(before, before.sign_in())
        try:
            application.have(profile)
            assert is_let_in(after, after.sign_in())
            assert before.refresh().status_code == after.refresh().status_code == 200
        finally:
            application.have_none()


# All


def test_each_profile_is_here(op):
    profiles = requests.get(f"{op}/faults/", timeout=LIMIT).json()
    in_turn = userinfo.PROFILES | id_token.PROFILES | callback.PROFILES | keys.PROFILES
    assert [name for name in profiles if name not in in_turn and f'"{name}"' not in Path(__file__).read_text()] == []
