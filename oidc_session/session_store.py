"""Where Django keeps a session: what an OP session notes of it, and what it does to it from elsewhere."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieStore
from django.utils import timezone

from oidc_session import database_sessions, session_keys
from oidc_session.models import OPSession, OPSessionQuerySet

logger = logging.getLogger(__name__)

SESSION_ENTRY = "_oidc_op_session"
"""Where a Django session keeps the primary key of its OP session, and a mark of the key that this one knows it by."""

ASK_AGAIN_AFTER = 0.1  # Of a session's lifetime: when it really ends is not to be had from every store.


def whereabouts(session: SessionBase) -> dict[str, object]:
    """Return the fields of an OP session that say where the Django session is and when it ends."""
    expires_at: datetime = timezone.now() + timedelta(seconds=session.get_expiry_age())
    key = _key(session)
    if not key:
        return {"expires_at": expires_at}
    return {
        "expires_at": expires_at,
        "session_key": session_keys.encrypt(key),
        "session_key_hash": session_keys.keyed_hash(key),
    }


def _key(session: SessionBase) -> str:
    if isinstance(session, SignedCookieStore):
        return ""  # The cookie is the session: there is nothing to find it by, and nothing to delete.
    if session.session_key is None:
        session.create()
    return session.session_key or ""


def key_mark(session: SessionBase) -> str:
    """Return what tells in the session itself that its key is another one by now."""
    key = _key(session)
    return session_keys.keyed_hash(key)[:16] if key else ""


def of_key(session_key: str) -> OPSessionQuerySet:
    """Look up the OP session of a Django session by the key that a browser sent."""
    store = _store()
    if not issubclass(store, SignedCookieStore):
        return OPSession.objects.filter(session_key_hash__in=list(session_keys.keyed_hashes(session_key)))
    entry = store(session_key).get(SESSION_ENTRY)
    return OPSession.objects.filter(pk=entry[0]) if entry else OPSession.objects.none()


def surely_lost(sessions: Sequence[OPSession]) -> set[OPSession]:
    """Return those of many sessions that the store has no more, as far as it can be asked about all at once."""
    store = _store()
    if len(sessions) < 2 or not database_sessions.are_in(store):
        return set()
    keys = {session: key for session in sessions if (key := _key_of(session))}
    there = database_sessions.there(store, list(keys.values()))
    return {session for session, key in keys.items() if key not in there}


def seconds_to_believe_in(session: OPSession) -> float | None:
    """Ask the store whether a session is there, and return after how long to ask again; None where it is not.

    A signed cookie is in no store: such a session is over when its time is.
    """
    if not session.session_key and session.expires_at > timezone.now():
        return 0
    key = _key_of(session)
    store = _store()(key)
    if key is None or not store.load():
        return None
    return store.get_expiry_age() * ASK_AGAIN_AFTER


def delete(sessions: Iterable[OPSession]) -> None:
    """Delete the Django sessions of sessions; a store that fails is logged, and asked for the others."""
    store, keys = _store(), [key for session in sessions if (key := _key_of(session))]
    if len(keys) > 1 and database_sessions.are_in(store):
        database_sessions.delete(store, keys)
        return
    for key in keys:
        try:
            store().delete(key)
        except Exception as error:  # Whatever the store's own are.
            logger.error("Django session not deleted error=%s", type(error).__name__)


def _key_of(session: OPSession) -> str | None:
    return session_keys.decrypt(session.session_key) if session.session_key else None


def _store() -> type[SessionBase]:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store
