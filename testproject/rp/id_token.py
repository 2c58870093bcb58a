"""OpenID Connect Core 1.0, "ID Token Validation"."""

import hashlib

from jwcrypto import jwk
from jwcrypto.common import base64url_encode

from testproject.rp import signed_token
from testproject.rp.signed_token import Members, require, require_addressed, require_text


def validated(text: str, keys: jwk.JWKSet, *, issuer: str, client_id: str, nonce: str, access_token: str) -> Members:
    """Return the claims of an ID token that answers the login with this nonce; raise InvalidToken otherwise."""
    _, claims = signed_token.read(text, keys)
    require_addressed(claims, issuer=issuer, client_id=client_id)
    require(claims.get("azp", client_id) == client_id, "azp is not this application")
    require(claims.get("nonce") == nonce, "nonce is not that of this login")
    require_text(claims, "sub")
    if "at_hash" in claims:
        require(claims["at_hash"] == at_hash(access_token), "at_hash is not that of the access token")
    return claims


def at_hash(access_token: str) -> str:
    """Return the left half of the hash that goes with each of the algorithms."""
    return base64url_encode(hashlib.sha256(access_token.encode()).digest()[:16])
