"""The session that a browser shows, whatever has become of it."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from oidc_session import lifetimes, session_store
from oidc_session.models import OPSession
from oidc_session.session_store import SESSION_ENTRY
from oidc_session.sessions import end_if_expired

SHOWN_FOR = timedelta(hours=1)  # After its end, to the browser that it was in.


def of_django_session(session: SessionBase) -> OPSession | None:
    """Return the OP session of a Django session as far as that knows it: its key alone, and no query."""
    entry = session.get(SESSION_ENTRY)
    return OPSession(pk=entry[0]) if entry else None


def of_browser(request: HttpRequest) -> OPSession | None:
    """Return the OP session that a browser shows: its Django session's, or where that is gone, its cookie's.

    Not for long after its end: an old cookie is not to tell whoever found it where its owner was signed in.
    """
    session = of_django_session(request.session)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if session or not key:
        return session
    lately = Q(ended_at=None) | Q(ended_at__gt=timezone.now() - SHOWN_FOR)
    return session_store.of_key(key).filter(lately).order_by("-pk").first()


def is_over(request: HttpRequest) -> bool:
    """Whether the browser shows a session that has ended on the server: one query, and no session is loaded.

    False where it shows none, or one that began before this app was installed.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    session = session_store.of_key(key).order_by("-pk").first() if key else None
    if session is None:
        return False
    is_due = session.expires_at < timezone.now() or lifetimes.is_over(session)
    return not session.is_live or (is_due and end_if_expired(session))
