"""A client's view of the provider: requests, responses, and the check that the OP iframe makes."""

import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

REDIRECT_URI = "https://rp.example/callback"
ORIGIN = "https://rp.example"
COOKIE = "oidc_ua_agent_state"
AUTHORIZE = "/o/authorize/"


def authentication_request(**changes):
    request = {
        "client_id": "sample rp",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "state": "a state",
        "nonce": "a nonce",
    } | changes
    return {name: value for name, value in request.items() if value is not None}


def authorize(client, **changes):
    return client.get(AUTHORIZE, authentication_request(**changes))


def authorize_url(**changes):
    return f"{AUTHORIZE}?{urlencode(authentication_request(**changes))}"


def query_of(response):
    return dict(parse_qsl(urlsplit(response["Location"]).query, keep_blank_values=True))


def fragment_of(response):
    return dict(parse_qsl(urlsplit(response["Location"]).fragment, keep_blank_values=True))


def is_unchanged(client, session_state, client_id="sample rp", origin=ORIGIN):
    """Compare as the OP iframe does, with the cookie that the browser holds now."""
    digest, salt = session_state.split(".")
    text = f"{client_id} {origin} {client.cookies[COOKIE].value} {salt}"
    return hashlib.sha256(text.encode()).hexdigest() == digest
