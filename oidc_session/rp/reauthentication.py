"""When a person must have authenticated: Core 1.0, "Authentication Request", max_age and prompt=login."""

import time

from oidc_session.rp.conf import Provider, conf
from oidc_session.rp.exceptions import AuthenticationTooOld
from oidc_session.rp.signed_token import Claims


def longest_ago(provider: Provider, *, anew: bool) -> int | None:
    """Return how many seconds before a login the person may have authenticated; 0 for not before, None for any."""
    if anew and provider.reauthentication == "required":
        return 0
    return provider.max_age or None


def parameters(provider: Provider, max_age: int | None, *, anew: bool) -> dict[str, str]:
    """Return what asks for it. Any max_age obliges the provider to say auth_time; with 0, some ask for ever."""
    prompt = {"prompt": "login"} if anew and provider.reauthentication != "off" else {}
    sent = max_age or provider.max_age or conf.login_lifetime
    return prompt if max_age is None else prompt | {"max_age": str(sent)}


def require_recent(provider: Provider, claims: Claims, *, max_age: int | None, began_at: float) -> None:
    """Raise AuthenticationTooOld unless the person authenticated during the login, or so many seconds ago."""
    if max_age is None:
        return
    now, auth_time = time.time(), claims.get("auth_time")
    if type(auth_time) not in (int, float):
        raise AuthenticationTooOld("The provider does not say when the person authenticated: auth_time is missing.")
    if not claims["auth_time"] >= min(began_at, now - max_age) - provider.leeway:
        raise AuthenticationTooOld("The person authenticated too long ago.")
    if claims["auth_time"] > now + provider.leeway:
        raise AuthenticationTooOld("The provider says that the person will authenticate in the future.")
