"""Sessions that the provider has ended, those too whose login is under way at that moment."""

import time

from django.core.cache import BaseCache, caches

from oidc_session.rp.conf import conf
from oidc_session.rp.exceptions import LoginFailed
from oidc_session.rp.handles import mark
from oidc_session.rp.session import Session
from oidc_session.rp.stores import store

SECONDS = 600  # From a code to its session: far longer than that can take.


def end(iss: str, *, sid: str = "", sub: str = "") -> None:
    """End the sessions of a provider's session; without a `sid`, all those of a person."""
    if sid:
        _cache().set(_key(iss, sid), time.time(), SECONDS)
    store().remove_all(iss, sid=sid, sub=sub)


def begin(session: Session, *, since: float) -> None:
    """Keep the session of a login; raise LoginFailed if the provider has ended it since the login came back."""
    store().create(session)
    ended_at = _cache().get(_key(session.iss, session.sid), 0) if session.sid else 0
    if ended_at > since:
        store().remove(session.key)
        raise LoginFailed("The provider has ended this session meanwhile.")


def _cache() -> BaseCache:
    return caches[conf.cache]


def _key(iss: str, sid: str) -> str:
    return f"oidc_rp:ended:{mark(iss, sid)}"
