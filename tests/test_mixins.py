"""The authorization endpoint, as clients and browsers see it."""

import html
import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant

from oidc_session.views import AuthorizationView
from tests.oidc import (
    AUTHORIZE,
    COOKIE,
    REDIRECT_URI,
    authentication_request,
    authorize,
    authorize_url,
    fragment_of,
    is_unchanged,
    query_of,
)
from tests.swappable import Application, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def asks_for_consent(application):
    application.skip_authorization = False
    application.save()
    return application


def use_flow(application, grant_type):
    application.authorization_grant_type = grant_type
    application.save()


def consent(client, page, **answer):
    """Send the consent page's form as a browser does."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" (?:value="([^"]*)")?', page.content.decode())
    data = {name: html.unescape(value) for name, value in fields}
    return client.post(AUTHORIZE, data | answer)


# session_state in every response


def test_code_response_has_a_session_state_that_the_iframe_confirms(signed_in, application):
    answer = query_of(authorize(signed_in))
    assert answer["code"]
    assert answer["state"] == "a state"
    assert is_unchanged(signed_in, answer["session_state"])


def test_session_state_is_of_one_client_and_origin(signed_in, application):
    state = query_of(authorize(signed_in))["session_state"]
    assert not is_unchanged(signed_in, state, client_id="another")
    assert not is_unchanged(signed_in, state, origin="https://other.example")


def test_session_state_varies_with_each_request(signed_in, application):
    first, second = (query_of(authorize(signed_in))["session_state"] for _ in range(2))
    assert first != second
    assert is_unchanged(signed_in, first)


def test_session_state_changes_with_the_logout(signed_in, application):
    state = query_of(authorize(signed_in))["session_state"]
    signed_in.post("/accounts/logout/")
    assert not is_unchanged(signed_in, state)


def test_consent_that_is_given_gives_a_session_state(signed_in, asks_for_consent):
    answer = query_of(consent(signed_in, authorize(signed_in), allow="Authorize"))
    assert answer["code"]
    assert is_unchanged(signed_in, answer["session_state"])


def test_consent_that_is_refused_gives_a_session_state(signed_in, asks_for_consent):
    answer = query_of(consent(signed_in, authorize(signed_in), csrfmiddlewaretoken="x"))
    assert answer["error"] == "access_denied"
    assert is_unchanged(signed_in, answer["session_state"])


def test_automatic_approval_gives_a_session_state(signed_in, alice, asks_for_consent):
    allow(alice, asks_for_consent, "openid")
    answer = query_of(authorize(signed_in, approval_prompt="auto"))
    assert answer["code"]
    assert is_unchanged(signed_in, answer["session_state"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid unknown"}, "invalid_scope"),
        ({"response_type": "nonsense"}, "unsupported_response_type"),
        ({"code_challenge": "x", "code_challenge_method": "S1"}, "invalid_request"),
        ({"resource": "no uri"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_error_response_has_a_session_state(signed_in, application, changes, error):
    answer = query_of(authorize(signed_in, **changes))
    assert answer["error"] == error
    assert answer["state"] == "a state"
    assert is_unchanged(signed_in, answer["session_state"])


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_implicit_response_has_a_session_state_in_the_fragment(signed_in, application, response_type):
    use_flow(application, Application.GRANT_IMPLICIT)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert answer["id_token"]
    assert is_unchanged(signed_in, answer["session_state"])


@pytest.mark.parametrize("response_type", ["code id_token", "code token", "code id_token token"])
def test_hybrid_response_has_a_session_state_in_the_fragment(signed_in, application, response_type):
    use_flow(application, Application.GRANT_OPENID_HYBRID)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert answer["code"]
    assert is_unchanged(signed_in, answer["session_state"])


def test_error_of_a_hybrid_request_goes_into_the_fragment(signed_in, application):
    use_flow(application, Application.GRANT_OPENID_HYBRID)
    response = authorize(signed_in, response_type="code id_token", nonce=None)
    assert urlsplit(response["Location"]).query == ""
    assert fragment_of(response)["error"] == "invalid_request"
    assert is_unchanged(signed_in, fragment_of(response)["session_state"])


def test_custom_scheme_has_no_origin_and_gets_no_session_state(signed_in, application):
    response = authorize(signed_in, redirect_uri="my.app:/callback")
    assert response["Location"].startswith("my.app:/callback?code=")
    assert query_of(response).keys() == {"code", "state"}


@pytest.mark.parametrize("changes", [{}, {"scope": "openid unknown"}])
def test_custom_scheme_is_answered_in_every_mode_without_a_session_state(signed_in, application, changes):
    expected = {"error", "state"} if changes else {"code", "state"}
    ask = partial(authorize, signed_in, redirect_uri="my.app:/callback", **changes)
    fragment = ask(response_mode="fragment")
    assert fragment["Location"].startswith("my.app:/callback#")
    assert fragment_of(fragment).keys() - {"error_description"} == expected
    action, fields = posted_form(ask(response_mode="form_post"))
    assert action == "my.app:/callback"
    assert fields.keys() - {"error_description"} == expected


def test_redirect_uris_own_query_stays_as_it_was(signed_in, application):
    response = authorize(signed_in, redirect_uri="https://rp.example/callback?page=1%202")
    assert response["Location"].startswith("https://rp.example/callback?page=1%202&code=")


def ask(client, way, application, **changes):
    """Send a request by one of the ways to a code: skipped consent, a silent request, the consent page."""
    application.skip_authorization = way == "skip"
    application.save()
    if way == "silent":
        allow(User.objects.get(), application, "openid")
    response = authorize(client, prompt="none" if way == "silent" else None, **changes)
    return consent(client, response, allow="Authorize") if way == "consent" else response


WAYS = ["skip", "silent", "consent"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["".join(map(chr, range(32, 127))) + "äß€😀", " a  b ", "\ta ", " "])
def test_state_comes_back_byte_for_byte(signed_in, application, way, state):
    assert query_of(ask(signed_in, way, application, state=state))["state"] == state


@pytest.mark.parametrize("way", WAYS)
def test_nonce_is_kept_as_it_is(signed_in, application, way):
    assert query_of(ask(signed_in, way, application, nonce=" a nonce "))["code"]
    assert Grant.objects.get().nonce == " a nonce "


def test_silent_request_that_the_form_cannot_carry_is_invalid(signed_in, alice, asks_for_consent):
    allow(alice, asks_for_consent, "openid")
    answer = query_of(authorize(signed_in, prompt="none", state="a\0b"))
    assert (answer["error"], answer["state"]) == ("invalid_request", "a\0b")
    assert is_unchanged(signed_in, answer["session_state"])
    assert not Grant.objects.exists()


def test_request_without_openid_is_left_alone(signed_in, application):
    response = authorize(signed_in, scope="read", response_mode="form_post")
    assert query_of(response).keys() == {"code", "state"}


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize("changes", [{}, {"scope": "openid unknown"}, {"prompt": "none login"}])
def test_query_of_the_only_redirect_uri_stays_where_it_was_when_the_request_names_none(
    signed_in, application, mode, changes
):
    application.redirect_uris = "https://rp.example/callback?page=1%202"
    application.save()
    response = authorize(signed_in, redirect_uri=None, response_mode=mode, **changes)
    location = posted_form(response)[0] if mode == "form_post" else response["Location"]
    assert location.startswith("https://rp.example/callback?page=1%202")
    assert location.count("page=") == 1


# A request without a scope


@pytest.fixture
def default_scopes(provider):
    provider(DEFAULT_SCOPES=["openid", "read"])


@pytest.mark.parametrize("scope", [None, ""])
def test_default_scopes_with_openid_make_an_authentication_request(
    signed_in, application, method, default_scopes, scope
):
    answer = query_of(getattr(signed_in, method)(AUTHORIZE, authentication_request(scope=scope)))
    assert is_unchanged(signed_in, answer["session_state"])
    assert Grant.objects.get().scope == "openid read"


def test_default_scopes_go_through_the_consent_page(signed_in, asks_for_consent, method, default_scopes):
    page = getattr(signed_in, method)(AUTHORIZE, authentication_request(scope=None))
    assert is_unchanged(signed_in, query_of(consent(signed_in, page, allow="Authorize"))["session_state"])


@pytest.mark.parametrize(
    ("grant_type", "response_type"),
    [
        (Application.GRANT_AUTHORIZATION_CODE, "code"),
        (Application.GRANT_IMPLICIT, "id_token"),
        (Application.GRANT_OPENID_HYBRID, "code id_token"),
    ],
)
def test_silent_request_for_the_default_scopes_never_shows_a_page(
    signed_in, asks_for_consent, method, default_scopes, grant_type, response_type
):
    use_flow(asks_for_consent, grant_type)
    response = ask_silently(signed_in, method, scope=None, response_type=response_type)
    assert (query_of(response) | fragment_of(response))["error"] == "consent_required"


def test_default_scopes_without_openid_are_left_to_dot(signed_in, application, provider):
    provider(DEFAULT_SCOPES=["read"])
    assert query_of(authorize(signed_in, scope=None)).keys() == {"code", "state"}


def test_answer_without_a_scope_is_no_answer(signed_in, application, default_scopes):
    assert signed_in.post(AUTHORIZE, authentication_request(scope=None, allow="Authorize")).status_code == 200
    assert not Grant.objects.exists()


def test_unknown_client_is_shown_an_error_page_and_not_redirected(signed_in, application):
    response = authorize(signed_in, client_id="unknown")
    assert response.status_code == 400
    assert "Location" not in response


def test_unregistered_redirect_uri_is_never_redirected_to(signed_in, application):
    for prompt in (None, "none"):
        for mode in (None, "form_post", "fragment"):
            response = authorize(signed_in, redirect_uri="https://evil.example/", prompt=prompt, response_mode=mode)
            assert response.status_code == 400
            assert b"<form method" not in response.content


ISS = {"COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True}


@pytest.mark.parametrize("changes", [{}, {"scope": "openid unknown"}, {"response_mode": "fragment"}])
def test_every_response_names_the_issuer_once_where_dot_is_told_to(signed_in, application, provider, changes):
    provider(**ISS)
    response = authorize(signed_in, **changes)
    assert (query_of(response) | fragment_of(response))["iss"] == "http://testserver/o"
    assert response["Location"].count("iss=") == 1


# response_mode


def test_fragment_is_used_on_request(signed_in, application):
    answer = fragment_of(authorize(signed_in, response_mode="fragment"))
    assert answer.keys() == {"code", "state", "session_state"}


def test_error_goes_into_the_fragment_on_request(signed_in, application):
    response = authorize(signed_in, response_mode="fragment", scope="openid unknown")
    assert fragment_of(response)["error"] == "invalid_scope"


def test_tokens_are_not_put_into_a_query_on_request(signed_in, application):
    use_flow(application, Application.GRANT_OPENID_HYBRID)
    response = authorize(signed_in, response_type="code id_token", response_mode="query")
    assert urlsplit(response["Location"]).query == ""


def posted_form(response):
    page = response.content.decode()
    [action] = re.findall(r'<form method="post" action="([^"]*)">', page)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return html.unescape(action), {name: html.unescape(value) for name, value in fields}


def test_form_post_is_used_on_request(signed_in, application):
    action, fields = posted_form(authorize(signed_in, response_mode="form_post", state='"><script>'))
    assert action == REDIRECT_URI
    assert fields.keys() == {"code", "state", "session_state"}
    assert fields["state"] == '"><script>'
    assert is_unchanged(signed_in, fields["session_state"])


def test_form_post_carries_errors(client, application):
    action, fields = posted_form(authorize(client, response_mode="form_post", prompt="none"))
    assert action == REDIRECT_URI
    assert fields["error"] == "login_required"
    assert is_unchanged(client, fields["session_state"])


@pytest.mark.parametrize("mode", ["form_post", "fragment"])
def test_response_mode_survives_the_consent_page(signed_in, asks_for_consent, mode):
    page = authorize(signed_in, response_mode=mode)
    response = consent(signed_in, page, allow="Authorize")
    fields = posted_form(response)[1] if mode == "form_post" else fragment_of(response)
    assert fields["code"]
    assert is_unchanged(signed_in, fields["session_state"])


def test_consent_page_without_response_mode_has_no_field_for_it(signed_in, asks_for_consent):
    assert b"response_mode" not in authorize(signed_in).content


# prompt=none


def allow(person, application, scope):
    AccessToken.objects.create(
        user=person,
        application=application,
        token="a token",
        scope=scope,
        expires=timezone.now() + timedelta(hours=1),
    )


def ask_silently(client, method, **changes):
    data = authentication_request(prompt="none", **changes)
    return getattr(client, method)(AUTHORIZE, data)


@pytest.fixture(params=["get", "post"])
def method(request):
    return request.param


def test_silent_request_of_a_signed_out_browser_gives_login_required(client, application, method):
    answer = query_of(ask_silently(client, method))
    assert answer.keys() == {"error", "state", "session_state"}
    assert answer["error"] == "login_required"
    assert is_unchanged(client, answer["session_state"])


def test_session_state_of_a_signed_out_browser_changes_with_the_login(client, application, alice):
    state = query_of(ask_silently(client, "get"))["session_state"]
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    assert not is_unchanged(client, state)


def test_silent_request_without_consent_gives_consent_required(signed_in, asks_for_consent, method):
    answer = query_of(ask_silently(signed_in, method))
    assert answer.keys() == {"error", "state", "session_state"}
    assert answer["error"] == "consent_required"
    assert is_unchanged(signed_in, answer["session_state"])


@pytest.mark.parametrize("approval_prompt", [None, "force", "auto"])
def test_silent_request_with_consent_gives_a_code(signed_in, alice, asks_for_consent, method, approval_prompt):
    allow(alice, asks_for_consent, "openid read")
    answer = query_of(ask_silently(signed_in, method, approval_prompt=approval_prompt))
    assert answer["code"]
    assert is_unchanged(signed_in, answer["session_state"])
    grant = Grant.objects.get()
    assert (grant.user, grant.nonce, grant.redirect_uri) == (alice, "a nonce", REDIRECT_URI)


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize("response_type", ["code", "code id_token", "code token", "code id_token token"])
def test_silent_request_with_consent_is_answered_in_the_mode_asked_for(
    signed_in, alice, asks_for_consent, method, mode, response_type
):
    use_flow(asks_for_consent, Application.GRANT_OPENID_HYBRID)
    allow(alice, asks_for_consent, "openid")
    response = ask_silently(signed_in, method, response_mode=mode, response_type=response_type)
    if mode == "form_post":
        answer = posted_form(response)[1]
    elif mode == "query" and response_type == "code":
        answer = query_of(response)
    else:
        answer = fragment_of(response)
    assert answer["code"]
    assert ("id_token" in answer) == ("id_token" in response_type)
    assert ("access_token" in answer) == ("token" in response_type.split())
    assert is_unchanged(signed_in, answer["session_state"])


def test_silent_request_of_a_trusted_application_gives_a_code(signed_in, application, method):
    assert query_of(ask_silently(signed_in, method))["code"]


def test_consent_to_fewer_scopes_is_not_enough(signed_in, alice, asks_for_consent, method):
    allow(alice, asks_for_consent, "openid")
    assert query_of(ask_silently(signed_in, method, scope="openid read"))["error"] == "consent_required"


def test_consent_of_somebody_else_is_not_enough(signed_in, bob, asks_for_consent, method):
    allow(bob, asks_for_consent, "openid")
    assert query_of(ask_silently(signed_in, method))["error"] == "consent_required"


def test_silent_request_keeps_pkce_claims_and_resource(signed_in, alice, asks_for_consent, method):
    allow(alice, asks_for_consent, "openid")
    response = ask_silently(
        signed_in,
        method,
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method="S256",
        claims='{"id_token": {"email": null}}',
        resource="https://api.example/",
        ui_locales="de fr",
    )
    assert query_of(response)["code"]
    grant = Grant.objects.get()
    assert grant.code_challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert grant.resource == ["https://api.example/"]
    assert "email" in grant.claims


def test_silent_request_does_not_answer_for_a_form_that_was_sent(signed_in, application):
    response = signed_in.post(AUTHORIZE, {"prompt": "none", "scope": "openid", "allow": "Authorize"})
    assert response.status_code == 200
    assert not Grant.objects.exists()


def test_prompt_none_with_another_value_is_invalid(client, application, method):
    data = authentication_request(prompt="none login")
    assert query_of(getattr(client, method)(AUTHORIZE, data))["error"] == "invalid_request"


# Requests by POST


def test_posted_request_is_answered_like_its_equal_by_get(signed_in, application):
    answer = query_of(signed_in.post(AUTHORIZE, authentication_request()))
    assert answer["code"]
    assert is_unchanged(signed_in, answer["session_state"])


def test_posted_request_of_a_signed_out_browser_leads_to_the_login_and_back(client, application):
    response = client.post(AUTHORIZE, authentication_request())
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/o/authorize/%3Fclient_id%3D")


def test_posted_request_needs_no_csrf_token(application, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert query_of(client.post(AUTHORIZE, authentication_request()))["code"]


def test_silent_request_on_which_the_session_cookie_was_kept_back_changes_no_state(
    client, client_factory, application, alice
):
    state = client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"}).cookies[COOKIE].value
    frame = client_factory(headers={"Sec-Fetch-Site": "cross-site"})
    frame.cookies[COOKIE] = state
    answer = query_of(authorize(frame, prompt="none"))
    assert answer["error"] == "login_required"
    assert frame.cookies[COOKIE].value == state
    assert is_unchanged(frame, answer["session_state"])


def test_cross_site_post_without_cookies_is_sent_round_by_get(client, application):
    response = client.post(AUTHORIZE, authentication_request(prompt="none"), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 303
    assert response["Location"] == authorize_url(prompt="none")


@pytest.mark.parametrize(
    ("path", "escaped"), [("//evil.example/", "/%2Fevil.example/"), ("/ö?#/", "/%C3%B6%3F%23/"), ("/a%/", "/a%25/")]
)
def test_cross_site_post_is_sent_round_on_this_server(rf, path, escaped):
    request = rf.post("/", authentication_request(), headers={"Sec-Fetch-Site": "cross-site"})
    request.path = path
    response = AuthorizationView.as_view()(request)
    assert response["Location"].partition("?")[0] == escaped


def test_cross_site_post_with_cookies_is_answered(signed_in, application):
    response = signed_in.post(AUTHORIZE, authentication_request(), headers={"Sec-Fetch-Site": "cross-site"})
    assert query_of(response)["code"]


@pytest.mark.parametrize("forged", [{"allow": "Authorize"}, {"csrfmiddlewaretoken": "x" * 32}])
def test_answer_to_the_consent_page_needs_its_csrf_token(alice, asks_for_consent, forged):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(AUTHORIZE, authentication_request() | forged).status_code == 403
    assert not Grant.objects.exists()


def test_posted_request_is_no_way_round_the_consent_page(alice, asks_for_consent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(AUTHORIZE, authentication_request())
    assert response.status_code == 200
    assert not Grant.objects.exists()


def test_answer_by_a_script_needs_the_csrf_header(alice, asks_for_consent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    headers = {"X-CSRFToken": "x" * 32}
    assert client.post(AUTHORIZE, authentication_request(), headers=headers).status_code == 403


def test_consent_page_works_with_csrf_checks(alice, asks_for_consent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    page = authorize(client)
    assert query_of(consent(client, page, allow="Authorize"))["code"]
