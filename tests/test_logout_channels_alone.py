"""With Session Management off and a logout channel on: sessions, `sid` and logout, but no cookie and no iframe."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from jwcrypto import jwt
from oauth2_provider.utils import jwk_from_pem

from oidc_session import browser_state
from oidc_session.models import EndReason, OPSession, RPSession
from tests.keys import rsa_pem
from tests.logout import LOGOUT, answer, hint_of, is_question, is_signed_in, join
from tests.oidc import COOKIE, REDIRECT_URI, authorize, fragment_of, query_of

CHANNELS = ["OIDC_FRONTCHANNEL_LOGOUT_ENABLED", "OIDC_BACKCHANNEL_LOGOUT_ENABLED"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=CHANNELS, autouse=True)
def channel(request, provider):
    provider(
        OIDC_SESSION_MANAGEMENT_ENABLED=False,
        OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY=None,
        OIDC_RP_INITIATED_LOGOUT_ENABLED=True,
        OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False,
    )
    provider(**{request.param: True})


@pytest.fixture
def browser(alice):
    """Return a browser in which Alice has signed in on the login page."""
    client = Client()
    client.post(reverse("login"), {"username": "alice", "password": "demo-pass"})
    assert is_signed_in(client)
    return client


def claims_of(browser, code):
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "client_id": "sample rp"}
    response = browser.post("/o/token/", data | {"client_secret": "demo-secret"})
    return json.loads(jwt.JWT(jwt=response.json()["id_token"], key=jwk_from_pem(rsa_pem())).claims)


def test_login_begins_a_session_and_no_browser_state(browser, alice):
    assert OPSession.objects.get().user == alice
    assert browser_state.SESSION_ENTRY not in browser.session
    assert COOKIE not in browser.cookies


def test_authentication_response_has_a_code_and_no_session_state(browser, application):
    response = authorize(browser)
    assert query_of(response).keys() >= {"code", "state"}
    assert "session_state" not in query_of(response)
    assert COOKIE not in response.cookies
    assert browser_state.SESSION_ENTRY not in browser.session


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "none"},
        {"prompt": "none", "response_mode": "fragment"},
        {"prompt": "none", "scope": "openid unknown"},
    ],
)
def test_error_response_has_no_session_state(client, application, changes):
    response = authorize(client, **changes)
    told = query_of(response) | fragment_of(response)
    assert told["error"]
    assert "session_state" not in told
    assert COOKIE not in client.cookies


def test_posted_response_has_no_session_state(browser, application):
    page = authorize(browser, response_mode="form_post").content
    assert b'name="code"' in page
    assert b"session_state" not in page


def test_id_token_has_the_sid_of_its_session(browser, application):
    claims = claims_of(browser, query_of(authorize(browser))["code"])
    rp_session = RPSession.objects.get()
    assert claims["sid"] == rp_session.sid
    assert claims["auth_time"] == int(rp_session.op_session.auth_time.timestamp())


def test_logout_ends_the_session(browser, application):
    join(browser)
    browser.post(reverse("logout"))
    assert OPSession.objects.get().end_reason == EndReason.LOGOUT
    assert not is_signed_in(browser)
    assert COOKIE not in browser.cookies


def test_application_ends_the_session_that_its_hint_names(browser, application):
    rp_session = join(browser)
    browser.get(LOGOUT, {"id_token_hint": hint_of(rp_session)})
    assert OPSession.objects.get().end_reason == EndReason.RP_LOGOUT
    assert not is_signed_in(browser)
    assert COOKIE not in browser.cookies


def test_person_is_asked_without_a_hint(browser, application):
    question = browser.get(LOGOUT)
    assert is_question(question)
    answer(browser, question, allow="Logout")
    assert not is_signed_in(browser)


def test_code_is_no_good_after_the_logout(browser, application):
    code = query_of(authorize(browser))["code"]
    browser.post(reverse("logout"))
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "client_id": "sample rp"}
    response = browser.post("/o/token/", data | {"client_secret": "demo-secret"})
    assert response.json()["error"] == "invalid_grant"


def test_silent_request_is_answered(browser, client, application):
    assert query_of(authorize(browser, prompt="none"))["code"]
    assert query_of(authorize(client, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("name", ["check-session-iframe", "session-status"])
def test_iframe_and_its_status_are_not_there(browser, name):
    response = browser.get(reverse(f"oauth2_provider:{name}"))
    assert response.status_code == 404
    assert COOKIE not in response.cookies


def test_no_page_sets_the_cookie(browser, application):
    for path in ("/untouched/", "/person/", "/modify/", "/cycle/", "/accounts/login/", "/auntouched/", "/aperson/"):
        assert COOKIE not in browser.get(path).cookies
    assert COOKIE not in browser.cookies
    assert browser_state.SESSION_ENTRY not in browser.session


def test_turning_session_management_on_later_signs_nobody_out(browser, application, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True, OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="a key of the tests")
    assert query_of(authorize(browser))["session_state"]
    assert browser.cookies[COOKIE].value == browser.session[browser_state.SESSION_ENTRY][0]
    assert OPSession.objects.count() == 1
