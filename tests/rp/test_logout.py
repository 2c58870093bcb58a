"""Logout: here first, then at the provider, and the truth about it."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from oidc_session.rp.models import StoredSession
from tests.rp.browser import Browser
from tests.rp.provider import CONFIGURATION, Answer

LOGOUT = "/oidc/demo/logout/"
HOME = "http://testserver/"


def parameters_of(address):
    return dict(parse_qsl(urlsplit(address).query))


def test_logout_ends_the_session_here_and_asks_the_provider(alice_s, op):
    hint = alice_s.session.id_token
    response = alice_s.post(LOGOUT)
    assert response["Location"].startswith(op.url + "/logout?")
    sent = parameters_of(response["Location"])
    assert sent == {"id_token_hint": hint, "client_id": "rp", "post_logout_redirect_uri": HOME}
    assert not StoredSession.objects.exists()
    assert alice_s.cookies["oidc_rp_demo"].value == ""
    assert "no-store" in response["Cache-Control"]


def test_kept_cookie_is_of_no_use_after_a_logout(alice_s):
    handle = alice_s.cookies["oidc_rp_demo"].value
    alice_s.post(LOGOUT)
    alice_s.cookies["oidc_rp_demo"] = handle
    assert alice_s.status()["state"] == "anonymous"


def test_logout_empties_django_s_session(alice_s):
    alice_s.get("/keep/")
    alice_s.post(LOGOUT)
    assert alice_s.get("/kept/").content == b"False"


def test_logout_of_nobody_leads_home(browser):
    assert browser.post(LOGOUT)["Location"] == "/"


def test_logout_needs_a_post_and_a_csrf_token(op, browser):
    assert browser.get(LOGOUT).status_code == 405
    strict = Browser(op, enforce_csrf_checks=True)
    strict.sign_in()
    assert strict.post(LOGOUT).status_code == 403
    assert strict.status()["state"] == "active"
    token = strict.cookies["csrftoken"].value
    assert strict.post(LOGOUT, headers={"X-CSRFToken": token}).status_code == 302
    assert strict.status()["state"] == "anonymous"


def test_csrf_is_checked_without_the_middleware_too(op, browser, settings):
    settings.MIDDLEWARE = ["oidc_session.rp.middleware.RelyingPartyMiddleware"]
    strict = Browser(op, enforce_csrf_checks=True)
    strict.sign_in()
    assert strict.post(LOGOUT).status_code == 403


def test_expired_session_is_logged_out_at_the_provider_too(alice_s, op):
    alice_s.change(expired_at=1.0e10, expired_by="refused")
    assert "id_token_hint" in parameters_of(alice_s.post(LOGOUT)["Location"])


def test_logout_does_not_refresh(alice_s, op):
    alice_s.change(expires_at=1)
    asked = len(op.asked("/token"))
    alice_s.post(LOGOUT)
    assert len(op.asked("/token")) == asked


@pytest.mark.parametrize("failure", [Answer("", 500), "no endpoint", "http endpoint"])
def test_logout_that_does_not_reach_the_provider_says_so(alice_s, op, failure, rp, caplog):
    from django.core.cache import cache

    cache.clear()
    endpoint = None if failure == "no endpoint" else "http://op.example/logout"
    op.answers[CONFIGURATION] = (
        failure if isinstance(failure, Answer) else Answer(op.metadata | {"end_session_endpoint": endpoint})
    )
    response = alice_s.post(LOGOUT)
    assert response.status_code == 502
    assert "You are signed out here" in response.content.decode()
    assert "may still be signed in there" in response.content.decode()
    assert alice_s.status()["state"] == "anonymous"
    assert "Logout did not reach the provider" in caplog.text


@pytest.fixture
def many_groups(browser, op):
    op.claims = {"groups": [f"group {number}" for number in range(700)], "sid": "the sid"}
    browser.sign_in()
    return browser


def test_long_hint_is_posted(many_groups, op):
    hint = many_groups.session.id_token
    response = many_groups.post(LOGOUT)
    body = response.content.decode()
    assert re.search(r'<form method="post" action="([^"]+)"', body)[1] == op.url + "/logout"
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', body))
    assert fields == {"id_token_hint": hint, "client_id": "rp", "post_logout_redirect_uri": HOME}
    assert "default-src 'none'; script-src 'sha256-" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert many_groups.status()["state"] == "anonymous"


@pytest.mark.parametrize(("sid", "hint"), [("the sid", "the sid"), (None, "alice-sub")])
def test_long_hint_gives_way_to_the_short_form(browser, op, rp, sid, hint):
    rp({"long_logout_hint": "short"})
    op.claims = {"groups": ["x" * 30] * 100, "sid": sid}
    browser.sign_in()
    sent = parameters_of(browser.post(LOGOUT)["Location"])
    assert sent == {"client_id": "rp", "logout_hint": hint, "post_logout_redirect_uri": HOME}


def test_limit_of_addresses_is_a_setting(alice_s, rp):
    rp(url_limit=100)
    assert alice_s.post(LOGOUT).status_code == 200


def test_way_back_may_be_set(alice_s, rp):
    rp({"post_logout_redirect_uri": "https://rp.example/bye"})
    assert parameters_of(alice_s.post(LOGOUT)["Location"])["post_logout_redirect_uri"] == "https://rp.example/bye"


def test_unknown_provider_is_not_found(browser):
    assert browser.post("/oidc/unknown/logout/").status_code == 404
