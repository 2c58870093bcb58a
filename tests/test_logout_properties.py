"""Whatever a logout request consists of: a page or a registered address, and nobody is still signed in by mistake."""

import json
import re

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.common import base64url_encode

from oidc_session.models import OPSession
from tests.logout import (
    BACK,
    HOME,
    LOGOUT,
    REGISTERED,
    answer,
    hint_of,
    is_question,
    is_signed_in,
    join,
    live_sessions,
    secret_key,
)

pytestmark = pytest.mark.django_db

NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
URIS = (
    st.sampled_from(
        [*REGISTERED, f"{BACK}#f", f"{BACK}/", "//rp.example/bye", "https://evil.example", "/", "javascript:1"]
    )
    | NO_SURROGATES
    | NO_SURROGATES.map("https://rp.example/bye".__add__)
    | NO_SURROGATES.map("https://".__add__)
)
ABSENT = st.none()


def unsigned(header, claims):
    return f"{base64url_encode(header)}.{base64url_encode(claims)}.AAAA"


@st.composite
def any_hint(draw):
    """Return a name of what is hinted at, and changes to that ID token's claims."""
    whose = draw(st.sampled_from(["own", "elsewhere", "bob", "forged", "unsigned", "text", "absent"]))
    changes = draw(st.dictionaries(st.sampled_from(["exp", "aud", "sub", "sid", "events", "azp"]), JSON, max_size=2))
    return whose, draw(st.just({}) | st.just(changes)), draw(NO_SURROGATES)


@pytest.fixture
def scene(application, alice, bob, provider):
    """A client with addresses, and two browsers that are never to be logged out by what another asks."""
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=True)
    application.post_logout_redirect_uris = " ".join(REGISTERED)
    application.save()
    rp_sessions = {}
    for name, person in (("elsewhere", alice), ("bob", bob)):
        browser = Client()
        browser.force_login(person)
        rp_sessions[name] = join(browser)
    return rp_sessions


def token(kind, own, scene):
    whose, changes, text = kind
    rp_session = own if whose in ("own", "forged") else scene.get(whose)
    if whose == "absent":
        return None
    if whose == "text":
        return text
    if whose == "unsigned":
        return unsigned('{"alg":"none"}', text)
    try:
        return (
            hint_of(rp_session, **changes) if whose != "forged" else hint_of(rp_session, key=secret_key(), alg="HS256")
        )
    except (ValueError, TypeError):  # Claims that no JWT library signs.
        return unsigned('{"alg":"RS256"}', str(changes))


def leads_where_it_may(response):
    location = response["Location"]
    return location == HOME or re.sub(r"[?&]state=[^&]*$", "", location) in REGISTERED


def parameters_of(draw, id_token_hint):
    parameters = {
        "id_token_hint": id_token_hint,
        "client_id": draw(ABSENT | st.sampled_from(["sample rp", "another"]) | NO_SURROGATES),
        "post_logout_redirect_uri": draw(ABSENT | URIS),
        "state": draw(ABSENT | NO_SURROGATES),
        "logout_hint": draw(ABSENT | NO_SURROGATES),
        "ui_locales": draw(ABSENT | NO_SURROGATES),
    }
    return {name: value for name, value in parameters.items() if value is not None}


@settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_request_ends_on_a_page_or_at_a_registered_address(scene, alice, provider, data):
    always, signed_in = data.draw(st.booleans()), data.draw(st.booleans())
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=always)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    kind = data.draw(any_hint())
    own = join(browser)
    parameters = parameters_of(data.draw, token(kind, own, scene))
    asking = browser if signed_in else Client()
    response = getattr(asking, data.draw(st.sampled_from(["get", "post"])))(LOGOUT, parameters)
    if is_question(response):
        assert is_signed_in(browser)
        refused = answer(asking, response)
        assert (refused.status_code, is_signed_in(browser)) == (200, True)
        response = answer(asking, response, allow="Logout")
    assert response.status_code == 302
    assert leads_where_it_may(response)
    assert not (signed_in and is_signed_in(browser))
    ended = {name for name, rp_session in scene.items() if rp_session.op_session not in live_sessions()}
    assert ended <= (set() if signed_in else {kind[0]})
    OPSession.objects.filter(rp_sessions__in=scene.values()).update(ended_at=None)


@settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_redirect_uri_never_keeps_anybody_signed_in(scene, alice, provider, data):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False)
    browser = Client()
    browser.force_login(alice)
    parameters = parameters_of(data.draw, hint_of(join(browser))) | {"client_id": "sample rp"}
    response = browser.get(LOGOUT, parameters)
    assert leads_where_it_may(response)
    assert not is_signed_in(browser)


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(header=JSON, claims=JSON, audience=JSON)
def test_nothing_unsigned_is_a_hint(scene, client, alice, header, claims, audience):
    client.force_login(alice)
    if isinstance(claims, dict):
        claims["aud"] = audience
    garbage = unsigned(json.dumps(header), json.dumps(claims))
    assert is_question(client.post(LOGOUT, {"id_token_hint": garbage, "post_logout_redirect_uri": BACK}))
