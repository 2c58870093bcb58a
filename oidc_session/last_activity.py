"""When a session was last used, where its Django session is, and when it ends: noted down now and then."""

import time
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from oidc_session import lifetimes, session_store
from oidc_session.conf import conf
from oidc_session.models import OPSession
from oidc_session.session_store import SESSION_ENTRY

MOST_NOTED = 10_000

_noted: dict[int, float] = {}  # When this process last wrote a session's last activity, by monotonic time.


def needs_note(session: SessionBase) -> bool:
    """Whether there is news of a Django session to note down: it was used, or its key has changed."""
    entry = session.get(SESSION_ENTRY)
    return entry is not None and (
        _is_idle(entry[0]) or (session.modified and entry[1] != session_store.key_mark(session))
    )


def note(session: SessionBase) -> None:
    """Note down when a Django session was last used, when it ends, and where it is: one query, two with a policy."""
    entry = session[SESSION_ENTRY]
    is_noted(entry[0])
    is_saved = session.modified or settings.SESSION_SAVE_EVERY_REQUEST
    fields = {"last_activity": timezone.now()} | (session_store.whereabouts(session) if is_saved else {})
    if lifetimes.is_on() and not _keeps_to_policy(entry[0], fields):
        return
    OPSession.objects.live().filter(pk=entry[0]).update(**fields)
    if session.modified:
        session[SESSION_ENTRY] = [entry[0], session_store.key_mark(session)]


def is_noted(pk: int) -> None:
    """Take note that a session's last activity has just been written."""
    _noted[pk] = time.monotonic()


anote = sync_to_async(note)


def _keeps_to_policy(pk: int, fields: dict[str, Any]) -> bool:
    """Let the session end no later than it may; False for one that is over, which nothing brings back."""
    noted = OPSession.objects.live().filter(pk=pk).first()
    if noted is None or lifetimes.is_over(noted):
        return False
    if "expires_at" in fields:
        noted.last_activity = fields["last_activity"]
        fields["expires_at"] = lifetimes.capped(noted, fields["expires_at"])
    return True


def _is_idle(pk: int) -> bool:
    """Whether this process has not written the session's last activity for a while."""
    if len(_noted) > MOST_NOTED:
        _noted.clear()
    last = _noted.get(pk)
    return last is None or time.monotonic() - last >= conf.SESSION_ACTIVITY_INTERVAL
