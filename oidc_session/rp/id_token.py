"""OpenID Connect Core 1.0, "ID Token Validation" and "Successful Refresh Response"."""

import hashlib
import json
import time
from typing import Any

from django.utils.crypto import constant_time_compare
from jwcrypto import jwk, jws
from jwcrypto.common import JWException, base64url_encode

from oidc_session.rp import discovery
from oidc_session.rp.conf import Provider
from oidc_session.rp.exceptions import InvalidIDToken, UnknownKey

CONTINUED = ("iss", "sub", "aud")
CONTINUED_IF_PRESENT = ("auth_time", "nonce", "azp")
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "DSA": hashlib.sha512}
Claims = dict[str, Any]


def validated(provider: Provider, id_token: object, *, nonce: str, access_token: str) -> Claims:
    """Return the claims of an ID token that answers the login with this nonce; raise InvalidIDToken otherwise."""
    claims = _claims(provider, id_token, access_token)
    sent = claims.get("nonce")
    _require(isinstance(sent, str) and constant_time_compare(sent, nonce), "nonce is not that of this login")
    _require_recent_authentication(provider, claims)
    return claims


def continued(provider: Provider, id_token: object, *, before: Claims, access_token: str) -> Claims:
    """Return the claims of an ID token that a refresh brought; raise InvalidIDToken if they are not of that login."""
    claims = _claims(provider, id_token, access_token)
    for name in CONTINUED:
        _require(_as_set(claims.get(name)) == _as_set(before.get(name)), f"{name} is not what it was")
    for name in CONTINUED_IF_PRESENT:
        _require(name not in claims or claims[name] == before.get(name, claims[name]), f"{name} is not what it was")
    return {name: before[name] for name in CONTINUED_IF_PRESENT if name in before} | claims


def left_hash(value: str, algorithm: str) -> str:
    """Return the left half of a value's hash, as `at_hash` has it: Core 1.0, "ID Token"."""
    digest = HASHES[algorithm[-3:]](value.encode()).digest()
    return base64url_encode(digest[: len(digest) // 2])


def _claims(provider: Provider, id_token: object, access_token: str) -> Claims:
    claims, algorithm = _signed(provider, id_token)
    _require(claims.get("iss") == provider.issuer, "iss is not the provider")
    _require_audience(provider, claims)
    _require(isinstance(claims.get("sub"), str) and claims["sub"] != "", "sub is missing")
    _require("events" not in claims, "it is a logout token")
    _require_times(claims, time.time(), provider.leeway)
    if "at_hash" in claims:
        _require(claims["at_hash"] == left_hash(access_token, algorithm), "at_hash is not that of the access token")
    return claims


def _signed(provider: Provider, id_token: object) -> tuple[Claims, str]:
    """Return the claims and the algorithm; of a key that is unknown, look once whether it is new."""
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        raise InvalidIDToken("The ID token is missing, or is none.")
    try:
        return _verified(provider, id_token, discovery.keys(provider))
    except UnknownKey:
        keys = discovery.keys_anew(provider)
        if keys is None:
            raise
        return _verified(provider, id_token, keys)


def _verified(provider: Provider, id_token: str, keys: jwk.JWKSet) -> tuple[Claims, str]:
    token = jws.JWS()
    token.allowed_algs = list(provider.algorithms)
    try:
        token.deserialize(id_token)
        algorithm = token.jose_header.get("alg")
        _require(algorithm in provider.algorithms, "alg is not one of those allowed")
        token.verify(keys)
        claims = json.loads(token.payload)
    except jws.JWKeyNotFound:
        raise UnknownKey("The ID token is signed with a key that is not the provider's.") from None
    except (JWException, ValueError, TypeError, RecursionError) as error:
        raise InvalidIDToken(f"The ID token is not signed by the provider: {type(error).__name__}.") from None
    _require(isinstance(claims, dict), "the claims are no object")
    return claims, algorithm


def _require_audience(provider: Provider, claims: Claims) -> None:
    audience = _as_set(claims.get("aud"))
    trusted = {provider.client_id, *provider.trusted_audiences}
    _require(provider.client_id in audience, "aud is not this client")
    _require(audience <= trusted, "aud has others than this client")
    _require(len(audience) == 1 or "azp" in claims, "azp is missing")
    _require(claims.get("azp", provider.client_id) == provider.client_id, "azp is not this client")


def _require_times(claims: Claims, now: float, leeway: float) -> None:
    for name in ("exp", "iat"):
        _require(type(claims.get(name)) in (int, float), f"{name} is missing")
    _require(claims["exp"] > now - leeway, "exp has passed")
    _require(claims["iat"] < now + leeway, "iat is in the future")


def _require_recent_authentication(provider: Provider, claims: Claims) -> None:
    if provider.max_age:
        auth_time = claims.get("auth_time")
        _require(type(auth_time) in (int, float), "auth_time is missing")
        _require(time.time() - claims["auth_time"] < provider.max_age + provider.leeway, "auth_time is too long ago")


def _as_set(value: object) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {each if isinstance(each, str) else repr(each) for each in values}


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise InvalidIDToken(f"The ID token is not valid: {otherwise}.")
