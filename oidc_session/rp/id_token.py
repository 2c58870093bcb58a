"""OpenID Connect Core 1.0, "ID Token Validation" and "Successful Refresh Response"."""

import hashlib

from django.utils.crypto import constant_time_compare
from jwcrypto.common import base64url_encode

from oidc_session.rp.conf import Provider
from oidc_session.rp.signed_token import Claims, as_set, require, verified

CONTINUED = ("iss", "sub", "aud")
CONTINUED_IF_PRESENT = ("auth_time", "nonce", "azp")
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "DSA": hashlib.sha512}


def validated(provider: Provider, id_token: object, *, nonce: str, access_token: str) -> Claims:
    """Return the claims of an ID token that answers the login with this nonce; raise InvalidToken otherwise."""
    claims = _claims(provider, id_token, access_token)
    sent = claims.get("nonce")
    require(isinstance(sent, str) and constant_time_compare(sent, nonce), "nonce is not that of this login")
    return claims


def continued(provider: Provider, id_token: object, *, before: Claims, access_token: str) -> Claims:
    """Return the claims of an ID token that a refresh brought; raise InvalidToken if they are not of that login."""
    claims = _claims(provider, id_token, access_token)
    for name in CONTINUED:
        require(as_set(claims.get(name)) == as_set(before.get(name)), f"{name} is not what it was")
    for name in CONTINUED_IF_PRESENT:
        require(name not in claims or claims[name] == before.get(name, claims[name]), f"{name} is not what it was")
    return {name: before[name] for name in CONTINUED_IF_PRESENT if name in before} | claims


def left_hash(value: str, algorithm: str) -> str:
    """Return the left half of a value's hash, as `at_hash` has it: Core 1.0, "ID Token"."""
    digest = HASHES[algorithm[-3:]](value.encode()).digest()
    return base64url_encode(digest[: len(digest) // 2])


def _claims(provider: Provider, id_token: object, access_token: str) -> Claims:
    token = verified(provider, id_token)
    claims = token.claims
    require(len(as_set(claims["aud"])) == 1 or "azp" in claims, "azp is missing")
    require(isinstance(claims.get("sub"), str) and claims["sub"] != "", "sub is missing")
    require("events" not in claims, "it is a logout token")
    if "at_hash" in claims:
        expected = left_hash(access_token, token.header["alg"])
        require(claims["at_hash"] == expected, "at_hash is not that of the access token")
    return claims
