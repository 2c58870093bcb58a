"""What the ID tokens and the logout tokens of a provider have in common."""

import json
import time
from typing import Any

from jwcrypto import jwk, jwt
from jwcrypto.common import JWException

from testproject.rp.exceptions import InvalidToken, UnknownKey

ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY = 30
Members = dict[str, Any]


def read(text: str, keys: jwk.JWKSet) -> tuple[Members, Members]:
    """Return the header and the claims of a token that one of the keys signed; raise InvalidToken otherwise."""
    try:
        token = jwt.JWT(jwt=text, key=keys, algs=ALGORITHMS, expected_type="JWS", check_claims={})
        claims = json.loads(token.claims)
    except jwt.JWTMissingKey as error:
        raise UnknownKey("The token is not valid: its key is not among the provider's.") from error
    except (JWException, ValueError, TypeError) as error:
        raise InvalidToken("The token is not valid: the provider did not sign it.") from error
    require(isinstance(claims, dict), "the claims are no object")
    return token.token.jose_header, claims


def require_addressed(claims: Members, *, issuer: str, client_id: str) -> None:
    """Require that the provider made the token for this application, and that it holds now."""
    require(claims.get("iss") == issuer, "iss is not the provider")
    require(claims.get("aud") in (client_id, [client_id]), "aud is not this application alone")
    for name in ("exp", "iat"):
        require(type(claims.get(name)) in (int, float), f"{name} is missing")
    now = time.time()
    require(claims["exp"] > now - LEEWAY, "exp has passed")
    require(claims["iat"] < now + LEEWAY, "iat is in the future")


def require_text(claims: Members, name: str) -> None:
    require(isinstance(claims.get(name), str) and claims[name] != "", f"{name} is missing")


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise InvalidToken(f"The token is not valid: {otherwise}.")
