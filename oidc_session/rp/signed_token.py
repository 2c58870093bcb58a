"""What holds for ID tokens and logout tokens alike: Core 1.0, "ID Token Validation"."""

import json
import time
from dataclasses import dataclass
from typing import Any

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from oidc_session.rp import discovery
from oidc_session.rp.conf import Provider
from oidc_session.rp.exceptions import InvalidToken, UnknownKey

Claims = dict[str, Any]


@dataclass(frozen=True)
class SignedToken:
    """A token that the provider has signed."""

    header: dict[str, Any]
    claims: Claims


def verified(provider: Provider, token: object) -> SignedToken:
    """Return a token whose signature and common claims hold; of a key that is unknown, look once whether it is new.

    Raises InvalidToken or ProviderUnavailable.
    """
    if not isinstance(token, str) or token.count(".") != 2:
        raise InvalidToken("The token is missing, or is none.")
    try:
        found = _signed(provider, token, discovery.keys(provider))
    except UnknownKey:
        keys = discovery.keys_anew(provider)
        if keys is None:
            raise
        found = _signed(provider, token, keys)
    _require_common_claims(provider, found.claims)
    return found


def require(holds: bool, otherwise: str) -> None:
    """Raise InvalidToken unless a rule holds."""
    if not holds:
        raise InvalidToken(f"The token is not valid: {otherwise}.")


def as_set(value: object) -> set[str]:
    """Return the members of a claim that may be one value or a list of them."""
    values = value if isinstance(value, list) else [value]
    return {each if isinstance(each, str) else repr(each) for each in values}


def _signed(provider: Provider, token: str, keys: jwk.JWKSet) -> SignedToken:
    signature = jws.JWS()
    signature.allowed_algs = list(provider.algorithms)
    try:
        signature.deserialize(token)
        header = signature.jose_header
        require(header.get("alg") in provider.algorithms, "alg is not one of those allowed")
        signature.verify(keys)
        claims = json.loads(signature.payload)
    except jws.JWKeyNotFound:
        raise UnknownKey("The token is signed with a key that is not the provider's.") from None
    except (JWException, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken(f"The token is not signed by the provider: {type(error).__name__}.") from None
    require(isinstance(claims, dict), "the claims are no object")
    return SignedToken(header, claims)


def _require_common_claims(provider: Provider, claims: Claims) -> None:
    require(claims.get("iss") == provider.issuer, "iss is not the provider")
    _require_audience(provider, claims)
    _require_times(claims, time.time(), provider.leeway)


def _require_audience(provider: Provider, claims: Claims) -> None:
    audience = as_set(claims.get("aud"))
    trusted = {provider.client_id, *provider.trusted_audiences}
    require(provider.client_id in audience, "aud is not this client")
    require(audience <= trusted, "aud has others than this client")
    require(claims.get("azp", provider.client_id) == provider.client_id, "azp is not this client")


def _require_times(claims: Claims, now: float, leeway: float) -> None:
    for name in ("exp", "iat"):
        require(type(claims.get(name)) in (int, float), f"{name} is missing")
    require(claims["exp"] > now - leeway, "exp has passed")
    require(claims["iat"] < now + leeway, "iat is in the future")
