"""Who may see a page, and what the others get: 401 is an invitation to sign in, 403 is not."""

import time

import pytest

from oidc_session.rp.visit import Visit
from tests.rp.browser import PAGE, SCRIPT
from tests.rp.provider import Answer

LOGIN = "/oidc/demo/login/?next="


@pytest.mark.parametrize("path", ["/members/", "/amembers/", "/class/members/", "/staff/", "/astaff/", "/class/staff/"])
def test_page_sends_who_is_anonymous_to_a_login(browser, path):
    response = browser.page(f"{path}?a=1&b=2")
    assert response["Location"] == f"{LOGIN}{path.replace('/', '%2F')}%3Fa%3D1%26b%3D2"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/members/", "/amembers/", "/class/members/", "/staff/"])
def test_script_is_never_sent_to_a_login(browser, path):
    response = browser.script(path)
    assert (response.status_code, response.json()) == (401, {"error": "login_required"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/members/", "/amembers/", "/class/members/"])
def test_person_may_see_what_is_for_people(alice_s, path):
    assert alice_s.page(path).content == b"alice-sub"
    assert alice_s.script(path).content == b"alice-sub"


@pytest.mark.parametrize("path", ["/staff/", "/astaff/", "/class/staff/"])
def test_group_decides(browser, op, path):
    browser.sign_in()
    page, data = browser.page(path), browser.script(path)
    assert (page.status_code, data.status_code, data.json()) == (403, 403, {"error": "access_denied"})
    assert "/oidc/demo/login/" not in page.content.decode()
    op.claims = {"groups": ["staff"]}
    browser.sign_in()
    assert browser.page(path).content == b"staff"


def test_one_of_the_groups_is_enough(browser, op):
    op.claims = {"groups": ["board"]}
    browser.sign_in()
    assert browser.page("/staff/").content == b"staff"
    assert browser.page("/astaff/").status_code == 403


def test_provider_that_a_view_names_decides(alice_s, rp, settings):
    demo = settings.OIDC_RP["providers"]["demo"]
    rp(providers={"demo": demo, "other": demo})
    assert alice_s.page("/others/")["Location"] == "/oidc/other/login/?next=%2Fothers%2F"


def test_form_that_was_sent_without_a_session_is_not_lost_to_a_redirect(browser):
    response = browser.post("/members/", headers=PAGE | {"Referer": "http://testserver/members/?a=1"})
    assert response.status_code == 401
    assert f"{LOGIN}%2Fmembers%2F%3Fa%3D1" in response.content.decode()


def test_form_of_nowhere_leads_home(browser):
    response = browser.post("/members/", headers=PAGE | {"Referer": "https://evil.example//evil.example"})
    assert f'href="{LOGIN}%2F%2Fevil.example"' in response.content.decode()
    assert browser.sign_in(next="//evil.example")["Location"] == "/"


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [
        (PAGE, True),
        (SCRIPT, False),
        ({"Sec-Fetch-Mode": "same-origin"}, False),
        ({"X-Requested-With": "XMLHttpRequest"}, False),
        ({"Accept": "application/json"}, False),
        ({"Accept": "text/html,application/json"}, True),
        ({"Accept": "*/*"}, True),
        ({}, True),
    ],
)
def test_scripts_are_known_by_their_headers(browser, headers, is_page):
    assert browser.get("/members/", headers=headers).status_code == (302 if is_page else 401)


# A session that has expired


def expire(browser, by):
    browser.change(expired_at=time.time(), expired_by=by)


def test_expired_session_signs_in_again(alice_s):
    expire(alice_s, "refused")
    assert alice_s.page("/members/")["Location"] == f"{LOGIN}%2Fmembers%2F"
    assert alice_s.script("/members/").json() == {"error": "session_expired"}
    sent = alice_s.post("/members/", headers=PAGE)
    assert sent.status_code == 401
    assert "Your session has expired" in sent.content.decode()


def test_expired_session_shows_nothing_of_its_person(alice_s):
    expire(alice_s, "refused")
    assert alice_s.get("/tokens/").json() == {}
    status = alice_s.status()
    assert (status["state"], status["groups"]) == ("expired", [])


def test_login_would_go_round_in_circles_so_there_is_a_page(alice_s):
    expire(alice_s, "configuration")
    response = alice_s.page("/members/")
    assert response.status_code == 400
    assert LOGIN in response.content.decode()
    assert alice_s.script("/members/").json() == {"error": "provider_refuses_application"}


def test_session_left_alone_is_asked_for_its_password_again(alice_s, op):
    alice_s.change(used_at=time.time() - 7201)
    assert alice_s.status()["state"] == "expired"
    assert "prompt=login" in alice_s.begin()
    alice_s.sign_in()
    assert "prompt=login" not in alice_s.begin()


@pytest.mark.parametrize(
    ("settings_ask", "asked"),
    [
        ("consent", "login+consent"),
        ("login", "login"),
        ("select_account login", "login+select_account"),
        ("none", "login"),
    ],
)
def test_session_left_alone_is_asked_for_its_password_beside_what_the_settings_ask(alice_s, rp, settings_ask, asked):
    rp({"authorization_parameters": {"prompt": settings_ask}})
    alice_s.change(used_at=time.time() - 7201)
    assert f"prompt={asked}&" in alice_s.begin() + "&"


@pytest.mark.parametrize("reason", ["refused", "no_refresh_token", "lifetime"])
def test_session_left_alone_is_asked_for_its_password_again_however_it_expired(alice_s, reason):
    """A page that was left open asked for new tokens, or the night was longer than the session."""
    expire(alice_s, reason)
    assert "prompt=login" not in alice_s.begin()
    alice_s.change(used_at=time.time() - 7201)
    assert alice_s.status()["state"] == "expired"
    assert "prompt=login" in alice_s.begin()


def test_use_keeps_a_session_alive(alice_s):
    alice_s.change(used_at=time.time() - 7000)
    alice_s.page("/members/")
    assert alice_s.session.used_at > time.time() - 100


@pytest.mark.parametrize("path", ["/oidc/status/", "/"])
def test_looking_at_the_status_is_no_use(alice_s, path):
    alice_s.change(used_at=time.time() - 7000)
    alice_s.get(path)
    alice_s.refresh()
    assert alice_s.session.used_at < time.time() - 6900


def test_use_is_not_written_each_time(alice_s):
    before = alice_s.session.used_at
    alice_s.page("/members/")
    assert alice_s.session.used_at == before


def test_session_ends_with_its_lifetime_whatever_its_use(alice_s, rp):
    rp(session_lifetime=1, revivable_lifetime=1)
    from oidc_session.rp.models import StoredSession

    StoredSession.objects.update(started_at=time.time() - 1.5)
    assert alice_s.status()["state"] == "expired"
    StoredSession.objects.update(started_at=time.time() - 2.5)
    assert alice_s.status()["state"] == "anonymous"


def test_session_of_an_issuer_that_was_replaced_is_none(alice_s, op, rp):
    rp({"issuer": op.url + "/new"})
    assert alice_s.status()["state"] == "anonymous"


# request.oidc


def test_tokens_are_given_out_by_name_only(alice_s, rp):
    assert alice_s.get("/tokens/").json() == {}
    rp({"expose_tokens": ["access_token", "refresh_token"]})
    assert alice_s.get("/tokens/").json() == {"access_token": alice_s.session.access_token}
    assert alice_s.get("/atokens/").json() == {"access_token": alice_s.session.access_token}


def test_nobody_has_nothing(rf, browser):
    visit = Visit(rf.get("/"), "demo")
    assert (visit.state, visit.sub, visit.claims, visit.groups, visit.tokens) == ("anonymous", None, {}, [], {})
    assert (visit.expires_at, visit.session_state, visit.expiry) == (None, "", None)
    assert not visit.is_active
    assert not visit.is_restricted
    assert not visit.claims_are_stale
    assert visit.refresh().outcome == "signed_out"


def test_session_state_of_the_answer_is_kept(browser, rf):
    browser.come_back(browser.begin(), session_state="hash.salt")
    request = rf.get("/")
    request.COOKIES = {"oidc_rp_demo": browser.cookies["oidc_rp_demo"].value}
    visit = Visit(request, "demo")
    assert visit.session_state == "hash.salt"
    assert visit.claims["sub"] == "alice-sub"


def test_status_is_for_each_provider(alice_s, rp, settings):
    rp(providers=settings.OIDC_RP["providers"] | {"other": settings.OIDC_RP["providers"]["demo"]})
    answer = alice_s.get("/oidc/status/")
    nobody = {"state": "anonymous", "sub": None, "groups": [], "expires_at": None}
    alice = {"state": "active", "sub": "alice-sub", "groups": [], "expires_at": int(alice_s.session.expires_at)}
    assert answer.json() == {"demo": alice, "other": nobody}
    assert "no-store" in answer["Cache-Control"]


def test_provider_is_asked_again_only_when_due(alice_s, op):
    op.answers["/token"] = Answer({}, 500)
    alice_s.page("/members/")
    assert len(op.asked("/token")) == 1
