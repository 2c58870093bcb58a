"""The one service that starts, joins and ends OP sessions: every way in and every way out leads here."""

from datetime import datetime
from functools import partial
from typing import Any, Unpack

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import router
from django.http import HttpRequest
from django.utils import timezone

from oidc_session import (
    announcements,
    browser_facts,
    ending,
    ending_many,
    last_activity,
    lifetimes,
    metrics,
    overdue,
    rp_sessions,
    session_limit,
    session_store,
)
from oidc_session.ending import Manner
from oidc_session.ending_many import Outcome
from oidc_session.exceptions import TooManySessions
from oidc_session.models import EndReason, OPSession
from oidc_session.session_store import SESSION_ENTRY


def start(request: HttpRequest, user: Any, auth_time: datetime | None = None) -> OPSession:
    """Begin a session for who has signed in, now or then; the same person again goes on with a live session.

    TooManySessions where the project's policy refuses one more: the browser is then signed out.
    """
    entry = request.session.get(SESSION_ENTRY)
    if entry and (going_on := _sign_in_again(request, user, entry[0])):
        return going_on
    _end_replaced(request, user)
    session = OPSession(
        user=user,
        auth_time=auth_time or timezone.now(),
        user_agent=browser_facts.user_agent(request),
        address=browser_facts.address(request),
        **session_store.whereabouts(request.session),
    )
    session.expires_at = lifetimes.capped(session, session.expires_at)
    _store(request, session)
    metrics.session_started(_database())
    _remember(request.session, session)
    last_activity.is_noted(session.pk)
    announcements.started(session)
    return session


def ensure(request: HttpRequest, client_id: str = "") -> OPSession | None:
    """Return the live session of the browser, or None where nobody is signed in.

    A person who signed in before this app was installed gets one now. A browser whose session has ended, whatever
    the session store says, or is over by the project's policy, is signed out.
    """
    if not request.user.is_authenticated:
        return None
    entry = request.session.get(SESSION_ENTRY)
    if entry is None:
        session = _start_late(request, request.user)
    else:
        session = rp_sessions.live_with_rp_session(entry[0], client_id)
    if session is None or session.user_id != request.user.pk or _ends_by_policy(session):
        logout(request)
        return None
    return session


def end(session: OPSession, reason: EndReason, **manner: Unpack[Manner]) -> bool:
    """End a session with all that was handed out in it; False where it has ended already, by whomever.

    Of two who end it at one moment, one does. For the manner see ending.end().
    """
    return bool(ending.end([session], reason, **manner))


def end_all(user: Any, reason: EndReason, *, but: OPSession | None = None) -> int:
    """End every live session of a person, and return how many there were.

    One that can't be ended keeps no others; its error is raised when those have ended.
    """
    found = OPSession.objects.live().filter(user=user).exclude(pk=but.pk if but else 0)
    outcome = Outcome()
    for batch in ending_many.batches(found):
        ending_many.end_each(batch, partial(ending.end, reason=reason), outcome)
    if outcome.error:
        raise outcome.error
    return outcome.ended


def end_if_expired(session: OPSession) -> bool:
    """End a session that is over by the policy, or that the session store has no more. See overdue.end()."""
    return bool(overdue.end([session]))


def forget(request: HttpRequest) -> None:
    """Let a browser forget its session, which has been ended: its logout has nothing left to end."""
    request.session.pop(SESSION_ENTRY, None)


astart = sync_to_async(start)
aensure = sync_to_async(ensure)
aend = sync_to_async(end)


def _start_late(request: HttpRequest, user: Any) -> OPSession | None:
    """Begin a session for who signed in before this app was installed, unless that is one too many."""
    try:
        return start(request, user, user.last_login)
    except TooManySessions:
        return None


def _ends_by_policy(session: OPSession) -> bool:
    """Whether a session is over by the project's policy; it is ended then."""
    if not lifetimes.is_over(session):
        return False
    end_if_expired(session)
    return True


def _store(request: HttpRequest, session: OPSession) -> None:
    """Store a new session, or sign the browser out where that is one too many."""
    try:
        ended = session_limit.store(session, partial(ending.end, reason=EndReason.TOO_MANY))
    except TooManySessions:
        request.session.flush()
        request.user = AnonymousUser()
        raise
    if ended:
        session_limit.tell(request, ended)


def _sign_in_again(request: HttpRequest, user: Any, pk: int) -> OPSession | None:
    now = timezone.now()
    live = OPSession.objects.live().filter(pk=pk, user=user)
    if lifetimes.is_on() and any(map(_ends_by_policy, live)):
        return None
    fresh = {"auth_time": now, "last_activity": now} | session_store.whereabouts(request.session)
    session = OPSession(pk=pk, user=user, **fresh)
    session.expires_at = lifetimes.capped(session, session.expires_at)
    if not live.update(**fresh | {"expires_at": session.expires_at}):
        return None
    _remember(request.session, session)
    return session


def _end_replaced(request: HttpRequest, user: Any) -> None:
    """End the session of who was signed in before: Django has flushed it by now, the browser's cookie tells."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key:
        for session in session_store.of_key(key).live():
            end(session, EndReason.EXPIRED if session.user_id == user.pk else EndReason.REPLACED)


def _remember(django_session: SessionBase, session: OPSession) -> None:
    django_session[SESSION_ENTRY] = [session.pk, session.session_key_hash[:16]]


def _database() -> str:
    return router.db_for_write(OPSession)
