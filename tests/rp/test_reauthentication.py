"""Core 1.0, "Authentication Request", max_age and prompt=login: a provider may be asked, and must be checked."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from oidc_session.rp.conf import provider_named
from oidc_session.rp.exceptions import AuthenticationTooOld
from oidc_session.rp.models import StoredSession
from oidc_session.rp.reauthentication import require_recent

LOGIN = "/oidc/demo/login/"


def asked_by(address):
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture
def away(alice_s):
    """A browser in which Alice was signed in, and has done nothing for more than two hours."""
    alice_s.change(used_at=time.time() - 7201)
    assert alice_s.status()["state"] == "expired"
    return alice_s


def assert_refused(response, browser, caplog, reason):
    assert response.status_code == 400
    assert "no-store" in response["Cache-Control"]
    body = response.content.decode()
    assert "sign in at your provider again" in body
    assert LOGIN in body
    assert f"Login failed provider=demo reason={reason}" in caplog.text
    assert browser.status()["state"] == "expired"
    assert StoredSession.objects.count() == 1


def test_new_authentication_is_asked_for_in_a_way_that_shows(away):
    """Any max_age obliges the provider to say auth_time; with 0, some ask again and again."""
    asked = asked_by(away.begin())
    assert (asked["prompt"], asked["max_age"]) == ("login", "1800")


def test_new_authentication_signs_in(away):
    assert away.sign_in(next="/members/")["Location"] == "/members/"
    assert away.page("/members/").content == b"alice-sub"
    assert asked_by(away.begin()).keys() & {"prompt", "max_age"} == set()


@pytest.mark.parametrize(
    ("auth_time", "reason"),
    [
        (None, "The provider does not say when the person authenticated: auth_time is missing."),
        ("now", "The provider does not say when"),
        (True, "The provider does not say when"),
        (float("nan"), "The person authenticated too long ago."),
        (-60, "The person authenticated too long ago."),
        (-7200, "The person authenticated too long ago."),
        (60, "The provider says that the person will authenticate in the future."),
        (float("inf"), "The provider says that the person will authenticate in the future."),
    ],
    ids=str,
)
def test_without_a_new_authentication_nobody_is_signed_in(away, op, caplog, auth_time, reason):
    """Whoever sits at the browser can take `prompt` and `max_age` out of the address."""
    is_relative = type(auth_time) is int
    op.claims = {"auth_time": int(time.time()) + auth_time if is_relative else auth_time}
    assert_refused(away.come_back(away.begin()), away, caplog, reason)


def test_next_attempt_is_not_easier(away, op):
    op.claims = {"auth_time": int(time.time()) - 7200}
    away.come_back(away.begin())
    assert asked_by(away.begin())["prompt"] == "login"
    assert away.come_back(away.begin()).status_code == 400


def test_script_is_told_by_name(away, op):
    op.claims = {"auth_time": None}
    back = urlsplit(op.authorize(away.begin()))
    response = away.script(f"{back.path}?{back.query}")
    assert (response.status_code, response.json()) == (400, {"error": "authentication_too_old"})


def test_clocks_may_differ_a_little(away, op, rp):
    op.claims = {"auth_time": int(time.time()) - 20}
    away.sign_in()


def test_whole_seconds_are_no_reason_to_refuse(away, rp):
    rp({"leeway": 0})
    away.sign_in()


def test_provider_that_can_t_may_be_asked_without_a_check(away, op, rp):
    rp({"reauthentication": "optional"})
    op.claims = {"auth_time": None}
    address = away.begin()
    assert asked_by(address)["prompt"] == "login"
    assert "max_age" not in asked_by(address)
    assert away.come_back(address).status_code == 302


def test_provider_that_refuses_to_is_not_asked(away, rp):
    rp({"reauthentication": "off"})
    assert asked_by(away.begin()).keys() & {"prompt", "max_age"} == set()
    away.sign_in()


@pytest.mark.parametrize("reauthentication", ["required", "optional", "off"])
def test_hidden_frame_brings_nobody_back_whatever_the_provider_can_do(away, rp, reauthentication):
    rp({"reauthentication": reauthentication})
    response = away.get(LOGIN, {"silent": "1"})
    assert 'data-outcome="failed"' in response.content.decode()


# max_age of the settings


@pytest.fixture
def minute(rp):
    """A provider at which people must have authenticated within a minute."""
    rp({"max_age": 60})


def test_authentication_must_be_recent_where_wanted(browser, op, minute, caplog):
    for auth_time in (None, int(time.time()) - 3600):
        op.claims = {"auth_time": auth_time}
        response = browser.come_back(browser.begin())
        assert (response.status_code, browser.status()["state"]) == (400, "anonymous")
    op.claims = {"auth_time": int(time.time()) - 60}
    assert asked_by(browser.begin())["max_age"] == "60"
    browser.sign_in()


def test_both_together_ask_for_a_new_one(away, op, minute, caplog):
    asked = asked_by(away.begin())
    assert (asked["prompt"], asked["max_age"]) == ("login", "60")
    op.claims = {"auth_time": int(time.time()) - 50}
    assert_refused(away.come_back(away.begin()), away, caplog, "The person authenticated too long ago.")


@pytest.mark.parametrize("reauthentication", ["optional", "off"])
def test_max_age_is_checked_whatever_is_asked_for_after_a_while(away, op, minute, rp, reauthentication):
    rp({"reauthentication": reauthentication})
    op.claims = {"auth_time": int(time.time()) - 3600}
    assert away.come_back(away.begin()).status_code == 400


def test_setting_that_changes_during_a_login_changes_nothing_of_it(browser, op, rp):
    op.claims = {"auth_time": None}
    address = browser.begin()
    rp({"max_age": 60})
    assert browser.come_back(address).status_code == 302


@pytest.mark.parametrize(
    ("max_age", "began", "authenticated", "is_recent"),
    [
        (0, -1700, -1600, True),  # The person took long, at a second factor or with consent.
        (0, -1700, -1730, True),
        (0, -1700, -1735, False),
        (60, -1700, -1600, True),
        (60, -1700, -1750, False),  # Recent when the login began, and no more.
        (60, -5, -85, True),
        (60, -5, -95, False),
        (None, -5, -99999, True),
    ],
)
def test_person_may_take_time_for_a_new_authentication(rp, max_age, began, authenticated, is_recent):
    now = int(time.time())

    def check():
        claims = {"auth_time": now + authenticated}
        require_recent(provider_named("demo"), claims, max_age=max_age, began_at=now + began)

    if is_recent:
        check()
    else:
        with pytest.raises(AuthenticationTooOld):
            check()
