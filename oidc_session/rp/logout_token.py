"""OpenID Connect Back-Channel Logout 1.0, "Logout Token Validation"."""

import time
from dataclasses import dataclass

from django.core.cache import BaseCache, caches

from oidc_session.rp.conf import Provider, conf
from oidc_session.rp.handles import mark
from oidc_session.rp.signed_token import Claims, SignedToken, require, verified

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
UNTYPED = ("", "jwt")
LONGEST_MEMORY = 30 * 24 * 3600  # Seconds that a token is remembered, however late it ends.


@dataclass(frozen=True)
class LogoutToken:
    """Whom the provider has signed out: the session `sid`; without it, all those of `sub`."""

    iss: str
    jti: str
    remembered_until: float
    sid: str
    sub: str


def validated(provider: Provider, logout_token: object) -> LogoutToken:
    """Return what a logout token says; raise InvalidToken, or ProviderUnavailable where no keys are to be had."""
    token = verified(provider, logout_token)
    _require_type(provider, token)
    claims = token.claims
    require(_names_the_event(claims.get("events")), "events does not name a back-channel logout")
    require("nonce" not in claims, "nonce must be absent")
    require("sid" in claims or "sub" in claims, "sid and sub are missing")
    jti, sid, sub = (_text(claims, name) for name in ("jti", "sid", "sub"))
    require(jti != "", "jti is missing")
    remembered_until = min(claims["exp"], time.time() + LONGEST_MEMORY) + provider.leeway
    return LogoutToken(claims["iss"], jti, remembered_until, sid, sub)


def was_used(token: LogoutToken) -> bool:
    return _key(token) in _cache()


def remember(token: LogoutToken) -> None:
    """Let a token not come again: what it asked for is done."""
    _cache().set(_key(token), True, max(token.remembered_until - time.time(), 1))


def _require_type(provider: Provider, token: SignedToken) -> None:
    """RFC 8725, "Use Explicit Typing"; the specification only recommends it."""
    written = token.header.get("typ", "")
    require(isinstance(written, str), "typ is no string")
    shortened = written.lower().removeprefix("application/")
    allowed = (TYPE,) if provider.logout_token_needs_type else (TYPE, *UNTYPED)
    require(shortened in allowed, "typ is not that of a logout token")


def _names_the_event(events: object) -> bool:
    return isinstance(events, dict) and isinstance(events.get(EVENT), dict)


def _text(claims: Claims, name: str) -> str:
    """Return a claim, empty where it is absent; it may not be present and empty."""
    value = claims.get(name, "")
    require(isinstance(value, str) and (value != "" or name not in claims), f"{name} is no string")
    return str(value)


def _cache() -> BaseCache:
    return caches[conf.cache]


def _key(token: LogoutToken) -> str:
    return f"oidc_rp:jti:{mark(token.iss, token.jti)}"
