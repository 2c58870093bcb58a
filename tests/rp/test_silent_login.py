"""A login in a hidden frame: it goes on with the same person, or signs out, and asks nobody anything."""

import re
import time
from copy import deepcopy
from urllib.parse import parse_qsl, urlsplit

import pytest

from oidc_session.rp import login_response
from oidc_session.rp.models import StoredSession
from oidc_session.rp.stores import store
from tests.rp.browser import Browser
from tests.rp.provider import CONFIGURATION, Answer

SILENT = "/oidc/demo/login/?silent=1"


def parameters_of(address):
    return dict(parse_qsl(urlsplit(address).query))


def told(response):
    """Return what the frame tells the page around it."""
    assert response.status_code == 200
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'sha256-" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    assert "no-store" in response["Cache-Control"]
    return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', response.content.decode()))


def refused(browser, error, **more):
    return refused_at(browser, browser.begin(SILENT), error, **more)


def refused_at(browser, address, error, **more):
    return browser.come_back(address, code=None, error=error, **more)


@pytest.fixture(autouse=True)
def site_without_frames(site, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.clickjacking.XFrameOptionsMiddleware"]


def test_nobody_is_asked_anything(alice_s):
    asked = parameters_of(alice_s.begin(SILENT))
    assert (asked["prompt"], asked["id_token_hint"]) == ("none", alice_s.session.id_token)


def test_hint_that_is_too_long_is_left_out(alice_s, rp):
    rp(url_limit=100)
    asked = parameters_of(alice_s.begin(SILENT))
    assert asked["prompt"] == "none"
    assert "id_token_hint" not in asked


def test_same_person_goes_on(alice_s):
    alice_s.change(used_at=time.time() - 3600)
    before, handle = alice_s.session, alice_s.cookies["oidc_rp_demo"].value
    response = alice_s.come_back(alice_s.begin(SILENT), session_state="new.state")
    assert told(response) == {"provider": "demo", "outcome": "signed_in", "session-state": "new.state"}
    assert alice_s.cookies["oidc_rp_demo"].value != handle
    assert alice_s.session.session_state == "new.state"
    assert (alice_s.session.used_at, alice_s.session.started_at) == (before.used_at, before.started_at)
    assert StoredSession.objects.count() == 1


@pytest.fixture
def told_sid(op):
    """A provider that names its session, and compares what its ID tokens say at each refresh with the login's."""
    op.claims = {"sid": "s1", "auth_time": 1_000_000}


def test_refresh_token_remains_where_nobody_can_be_asked_for_another(told_sid, alice_s, op):
    before = alice_s.session
    op.issue_refresh_token = False
    alice_s.come_back(alice_s.begin(SILENT))
    now = alice_s.session
    assert (now.refresh_token, now.id_claims["nonce"]) == (before.refresh_token, before.id_claims["nonce"])
    assert now.access_token != before.access_token
    op.claims |= {"nonce": before.id_claims["nonce"]}
    assert alice_s.refresh().status_code == 200


def test_refresh_token_of_the_silent_login_is_taken(told_sid, alice_s):
    before = alice_s.session
    alice_s.come_back(alice_s.begin(SILENT))
    assert alice_s.session.refresh_token not in ("", before.refresh_token)
    assert alice_s.session.id_claims["nonce"] != before.id_claims["nonce"]


def test_refresh_token_of_another_session_at_the_provider_does_not_remain(told_sid, alice_s, op):
    op.claims |= {"sid": "s2"}
    op.issue_refresh_token = False
    alice_s.come_back(alice_s.begin(SILENT))
    assert (alice_s.session.sid, alice_s.session.refresh_token) == ("s2", "")


def test_session_that_somebody_refreshes_is_left_to_them(alice_s):
    address = alice_s.begin(SILENT)
    before = alice_s.session
    assert store().lease(alice_s.key, "refresh", 60)
    assert told(alice_s.come_back(address))["outcome"] == "failed"
    assert alice_s.session == before


@pytest.mark.parametrize("kind", ["database", "cache"])
def test_session_that_has_ended_meanwhile_does_not_go_on(rp, op, browser, kind, monkeypatch):
    rp(store=kind)
    browser.sign_in()
    address = browser.begin(SILENT)
    key = browser.key
    finish = login_response.finish

    def finish_late(*args):
        login = finish(*args)
        store().remove(key)
        return login

    monkeypatch.setattr(login_response, "finish", finish_late)
    assert told(browser.come_back(address))["outcome"] == "failed"
    assert browser.status()["state"] == "anonymous"


def test_form_of_an_open_page_is_still_taken(op, alice_s):
    strict = Browser(op, enforce_csrf_checks=True)
    strict.sign_in()
    token = strict.cookies["csrftoken"].value
    strict.come_back(strict.begin(SILENT))
    assert strict.post("/oidc/demo/refresh/", headers={"X-CSRFToken": token}).status_code == 200


def test_nobody_at_the_provider_is_nobody_here(alice_s):
    alice_s.get("/keep/")
    response = refused(alice_s, "login_required", session_state="anonymous.state")
    assert told(response) == {"provider": "demo", "outcome": "signed_out", "session-state": "anonymous.state"}
    assert alice_s.cookies["oidc_rp_demo"].value == ""
    assert not StoredSession.objects.exists()
    assert alice_s.get("/kept/").content == b"False"


def test_somebody_else_at_the_provider_is_nobody_here(alice_s, op):
    op.sub = "bob-sub"
    assert told(alice_s.come_back(alice_s.begin(SILENT)))["outcome"] == "signed_out"
    assert alice_s.status()["state"] == "anonymous"
    assert not StoredSession.objects.exists()


@pytest.mark.parametrize(
    ("error", "goes_on_with"),
    [
        ("interaction_required", "new.state"),
        ("consent_required", "new.state"),
        ("account_selection_required", "new.state"),
        ("server_error", ""),
        ("temporarily_unavailable", ""),
    ],
)
def test_other_errors_sign_nobody_out(alice_s, error, goes_on_with):
    response = refused(alice_s, error, session_state="new.state")
    assert told(response) == {"provider": "demo", "outcome": "failed", "session-state": goes_on_with}
    assert alice_s.status()["state"] == "active"


def test_provider_that_is_away_signs_nobody_out(alice_s, op):
    address = alice_s.begin(SILENT)
    op.answers["/token"] = Answer("", 500)
    assert told(alice_s.come_back(address))["outcome"] == "failed"
    assert alice_s.status()["state"] == "active"


def test_provider_without_metadata_signs_nobody_out(alice_s, op):
    from django.core.cache import cache

    cache.clear()
    op.answers[CONFIGURATION] = Answer("", 500)
    assert told(alice_s.get(SILENT))["outcome"] == "failed"
    assert alice_s.status()["state"] == "active"


def test_inactivity_is_not_healed_silently(alice_s):
    alice_s.change(used_at=time.time() - 7201)
    assert told(alice_s.get(SILENT))["outcome"] == "failed"
    assert alice_s.status()["state"] == "expired"


def test_visitor_may_be_signed_in_silently(browser):
    browser.get("/keep/")
    assert told(browser.come_back(browser.begin(SILENT)))["outcome"] == "signed_in"
    assert browser.status()["state"] == "active"
    assert browser.cookies["csrftoken"].value


def test_visitor_keeps_what_django_s_session_holds(browser):
    browser.get("/keep/")
    assert told(refused(browser, "login_required"))["outcome"] == "signed_out"
    assert browser.get("/kept/").content == b"True"


@pytest.mark.parametrize("has_old_cookie", [False, True])
def test_late_answer_takes_no_login_back(browser, op, has_old_cookie):
    if has_old_cookie:
        browser.sign_in()
        store().remove(browser.key)
    address, late = browser.begin(SILENT), Browser(op)
    late.cookies = deepcopy(browser.cookies)  # The callback was asked before the login, and answers after it.
    browser.sign_in()
    response = refused_at(late, address, "login_required")
    assert told(response)["outcome"] == "signed_out"
    assert "oidc_rp_demo" not in response.cookies


def test_next_person_gets_nothing_of_a_session_that_ended_elsewhere(alice_s, op):
    alice_s.get("/keep/")
    store().remove(alice_s.key)
    refused(alice_s, "login_required")
    op.sub = "bob-sub"
    alice_s.sign_in()
    assert alice_s.get("/kept/").content == b"False"


def test_session_state_is_no_html(browser):
    response = refused(browser, "login_required", session_state='"><script>')
    assert b'"><script>"' not in response.content
    assert told(response)["session-state"] == "&quot;&gt;&lt;script&gt;"


def test_answer_works_once(alice_s):
    address = alice_s.begin(SILENT)
    told(alice_s.come_back(address))
    assert alice_s.come_back(address).status_code == 400


# The provider's iframe


def test_iframe_of_the_provider_is_told_to_scripts(op, client, db):
    op.answers[CONFIGURATION] = Answer(op.metadata | {"check_session_iframe": op.url + "/iframe"})
    response = client.get("/oidc/demo/check-session/")
    assert response.json() == {"check_session_iframe": op.url + "/iframe", "client_id": "rp"}
    assert response["Cache-Control"] == "max-age=3600"


@pytest.mark.parametrize("iframe", [None, "http://op.example/iframe", "javascript:alert(1)"])
def test_provider_without_an_iframe(op, client, db, iframe):
    op.answers[CONFIGURATION] = Answer(op.metadata | {"check_session_iframe": iframe})
    response = client.get("/oidc/demo/check-session/")
    assert response.json() == {}
    assert "no-store" in response["Cache-Control"]
