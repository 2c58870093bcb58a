"""What this application asks of its provider: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from jwcrypto import jwk

from testproject.rp import id_token, logout_token
from testproject.rp.exceptions import LoginFailed, LoginRefused, ProviderUnavailable, UnknownKey
from testproject.rp.person import Person
from testproject.rp.signed_token import Members
from testproject.rp.transactions import Transaction

SCOPE = "openid profile email groups"
MINUTES_5 = 5 * 60
TIMEOUT = (3, 10)
NO_ERROR_CHARACTERS = re.compile(r"[^ !#-[\]-~]")  # RFC 6749, "Error Response": anybody can write to the callback.


def metadata() -> dict[str, Any]:
    return cache.get_or_set(f"metadata:{settings.RP_ISSUER}", discover, MINUTES_5)


def discover() -> dict[str, Any]:
    found = call("GET", settings.RP_ISSUER + "/.well-known/openid-configuration")
    if found.get("issuer") != settings.RP_ISSUER:
        raise ProviderUnavailable("The provider names another issuer than the one configured here.")
    return found


def redirect_uri() -> str:
    return settings.RP_URL + reverse("oidc-callback")


def authorization_url(transaction: Transaction, **parameters: str) -> str:
    query = {
        "response_type": "code",
        "client_id": settings.RP_CLIENT_ID,
        "redirect_uri": redirect_uri(),
        "scope": SCOPE,
        "state": transaction.state,
        "nonce": transaction.nonce,
        "code_challenge": transaction.code_challenge,
        "code_challenge_method": "S256",
    }
    return with_query(metadata()["authorization_endpoint"], query | parameters)


def end_session_url(hint: str) -> str:
    query = {"id_token_hint": hint, "post_logout_redirect_uri": settings.RP_URL + "/"}
    return with_query(metadata()["end_session_endpoint"], query)


def with_query(endpoint: str, query: dict[str, str]) -> str:
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(query)


def redeem(answer: QueryDict, transaction: Transaction) -> Person:
    """Return whom an authentication response speaks of; raise OIDCError where it does not."""
    require_issuer(answer)
    if "error" in answer:
        raise LoginRefused(NO_ERROR_CHARACTERS.sub("?", answer["error"]))
    tokens = token_response(answer.get("code", ""), transaction)
    return person(tokens, validated_claims(tokens, transaction.nonce), answer.get("session_state", ""))


def require_issuer(answer: QueryDict) -> None:
    """RFC 9207: an answer of another provider is not taken for this one's."""
    promised = metadata().get("authorization_response_iss_parameter_supported", False)
    if answer.get("iss", None if promised else settings.RP_ISSUER) != settings.RP_ISSUER:
        raise LoginFailed("This answer is not from the provider that was asked.")


def token_response(code: str, transaction: Transaction) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(),
        "code_verifier": transaction.code_verifier,
    }
    credentials = (quote(settings.RP_CLIENT_ID, safe=""), quote(settings.RP_CLIENT_SECRET, safe=""))
    return call("POST", metadata()["token_endpoint"], data=form, auth=credentials)


def validated_claims(tokens: dict[str, Any], nonce: str) -> Members:
    expected = addressed() | {"nonce": nonce, "access_token": tokens.get("access_token", "")}
    return with_keys(lambda keys: id_token.validated(tokens.get("id_token", ""), keys, **expected))


def logout_claims(token: str) -> Members:
    return with_keys(lambda keys: logout_token.validated(token, keys, **addressed()))


def addressed() -> dict[str, str]:
    return {"issuer": settings.RP_ISSUER, "client_id": settings.RP_CLIENT_ID}


def with_keys(validate: Callable[[jwk.JWKSet], Members]) -> Members:
    """Validate with the keys that are known, and where those have been replaced with the new ones."""
    try:
        return validate(keys())
    except UnknownKey:
        if not cache.add("keys-fetched", True, 60):  # Nobody makes us ask more often.
            raise
        cache.delete("keys")
        return validate(keys())


def keys() -> jwk.JWKSet:
    found = cache.get_or_set("keys", lambda: call("GET", metadata()["jwks_uri"]), MINUTES_5)
    return jwk.JWKSet.from_json(jwk.json_encode(found))


def person(tokens: dict[str, Any], claims: Members, session_state: str) -> Person:
    times = {name: int(claims[name]) for name in ("auth_time", "iat", "exp") if name in claims}
    return Person(
        sub=claims["sub"],
        name=claims.get("name") or claims.get("preferred_username") or claims["sub"],
        email=claims.get("email", ""),
        groups=listed(claims.get("groups", [])),
        id_token=tokens["id_token"],
        session_state=session_state,
        sid=claims.get("sid", ""),
        times=times | {"access_token_expires": int(time.time()) + int(tokens.get("expires_in", 0))},
    )


def listed(groups: list[str] | str) -> list[str]:
    return [groups] if isinstance(groups, str) else groups


def call(method: str, url: str, **kwargs: Any) -> dict[str, Any]:
    try:
        response = requests.request(method, url, timeout=TIMEOUT, allow_redirects=False, **kwargs)
        answer = response.json()
    except requests.RequestException as error:
        raise ProviderUnavailable("The provider can't be reached.") from error
    if response.status_code != 200 or not isinstance(answer, dict):
        raise ProviderUnavailable(f"The provider answered with status {response.status_code}.")
    return answer
