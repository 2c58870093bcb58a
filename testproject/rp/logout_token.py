"""OpenID Connect Back-Channel Logout 1.0, "Logout Token Validation"."""

import hashlib
import time

from django.core.cache import cache
from jwcrypto import jwk

from testproject.rp import signed_token
from testproject.rp.signed_token import LEEWAY, Members, require, require_addressed, require_text

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def validated(text: str, keys: jwk.JWKSet, *, issuer: str, client_id: str) -> Members:
    """Return the claims of a logout token that has not been seen before; raise InvalidToken otherwise."""
    header, claims = signed_token.read(text, keys)
    require(str(header.get("typ")).lower().removeprefix("application/") == TYPE, f"typ is not {TYPE}")
    require_addressed(claims, issuer=issuer, client_id=client_id)
    require_event(claims)
    require("nonce" not in claims, "nonce makes it an ID token")
    require_session(claims)
    require_text(claims, "jti")
    require(is_new(claims), "jti was used before")
    return claims


def require_event(claims: Members) -> None:
    events = claims.get("events")
    require(isinstance(events, dict) and isinstance(events.get(EVENT), dict), "events does not tell of a logout")


def require_session(claims: Members) -> None:
    names = [name for name in ("sid", "sub") if name in claims]
    require(names != [], "neither sid nor sub says whose session it is")
    for name in names:
        require_text(claims, name)


def is_new(claims: Members) -> bool:
    """Remember the token for as long as it holds; the issuer is always the same here."""
    seconds = claims["exp"] + LEEWAY - time.time()
    digest = hashlib.sha256(claims["jti"].encode()).hexdigest()  # A name that any cache takes.
    return cache.add(f"logout_token:{digest}", True, max(seconds, 1))
