"""OpenID Connect Core 1.0, "ID Token Validation"."""

import hashlib
import json
import time
from typing import Any

from jwcrypto import jwk, jwt
from jwcrypto.common import JWException, base64url_encode

from testproject.rp.exceptions import InvalidIDToken

ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY = 30
Claims = dict[str, Any]


class UnknownKey(InvalidIDToken):
    pass


def validated(id_token: str, keys: jwk.JWKSet, *, issuer: str, client_id: str, nonce: str, access_token: str) -> Claims:
    """Return the claims of an ID token that answers the login with this nonce; raise InvalidIDToken otherwise."""
    claims = signed_claims(id_token, keys)
    require(claims.get("iss") == issuer, "iss is not the provider")
    require(claims.get("aud") in (client_id, [client_id]), "aud is not this application alone")
    require(claims.get("azp", client_id) == client_id, "azp is not this application")
    require(claims.get("nonce") == nonce, "nonce is not that of this login")
    require(isinstance(claims.get("sub"), str) and claims["sub"] != "", "sub is missing")
    require_times(claims, time.time())
    if "at_hash" in claims:
        require(claims["at_hash"] == at_hash(access_token), "at_hash is not that of the access token")
    return claims


def signed_claims(id_token: str, keys: jwk.JWKSet) -> Claims:
    try:
        token = jwt.JWT(jwt=id_token, key=keys, algs=ALGORITHMS, expected_type="JWS", check_claims={})
        claims = json.loads(token.claims)
    except jwt.JWTMissingKey as error:
        raise UnknownKey("The ID token is not valid: its key is not among the provider's.") from error
    except (JWException, ValueError, TypeError) as error:
        raise InvalidIDToken("The ID token is not valid: the provider did not sign it.") from error
    require(isinstance(claims, dict), "the claims are no object")
    return claims


def require_times(claims: Claims, now: float) -> None:
    for name in ("exp", "iat"):
        require(type(claims.get(name)) in (int, float), f"{name} is missing")
    require(claims["exp"] > now - LEEWAY, "exp has passed")
    require(claims["iat"] < now + LEEWAY, "iat is in the future")


def at_hash(access_token: str) -> str:
    """Return the left half of the hash that goes with each of ALGORITHMS."""
    return base64url_encode(hashlib.sha256(access_token.encode()).digest()[:16])


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise InvalidIDToken(f"The ID token is not valid: {otherwise}.")
