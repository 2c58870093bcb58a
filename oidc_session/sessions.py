"""The one service that starts, joins and ends OP sessions: every way in and every way out leads here."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import router, transaction
from django.http import HttpRequest
from django.utils import timezone

from oidc_session import (
    announcements,
    browser_facts,
    credentials,
    last_activity,
    lifetimes,
    metrics,
    rp_sessions,
    session_limit,
    session_store,
    tasks,
)
from oidc_session.exceptions import TooManySessions
from oidc_session.models import Credential, EndReason, OPSession, RPSession
from oidc_session.session_store import SESSION_ENTRY
from oidc_session.tasks import Tell


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


def end(
    session: OPSession,
    reason: EndReason,
    *,
    delete_django_session: bool = True,
    revoke_tokens: bool = True,
    tell: Tell = tasks.tell_later,
    unless_changed: tuple[str, ...] = (),
) -> bool:
    """End a session with all that was handed out in it; False where it has ended already, by whomever.

    The change of its row is the gate: of two who end it at one moment, one does, and none where one of the fields
    named in `unless_changed` has another value by now. Its applications are told once that is committed, by a message
    that was written in the same transaction.
    """
    unchanged = {name: getattr(session, name) for name in unless_changed}
    handed_out = Credential.objects.using(_database()).filter(rp_session__op_session=session)
    with transaction.atomic(using=_database()):
        ended = (
            OPSession.objects.live()
            .filter(pk=session.pk, **unchanged)
            .update(ended_at=timezone.now(), end_reason=reason)
        )
        if not ended:
            return False
        metrics.session_ended(reason, _database())
        (credentials.revoke if revoke_tokens else credentials.let_go)(handed_out)
        if delete_django_session:
            transaction.on_commit(lambda: session_store.delete(session), using=_database(), robust=True)
        rp_sessions.owe(RPSession.objects.using(_database()).filter(op_session=session, ended_at=None), tell)
        announcements.ended(session.pk, reason)
    return True


def end_all(user: Any, reason: EndReason, *, but: OPSession | None = None) -> int:
    """End every live session of a person, and return how many there were."""
    sessions = OPSession.objects.live().filter(user=user).exclude(pk=but.pk if but else 0)
    return sum(end(session, reason) for session in sessions)


def end_if_expired(session: OPSession, tell: Tell = tasks.tell_later) -> bool:
    """End a session that is over by the policy, or that the session store, asked now, has not; else look again later.

    A session that is used meanwhile, and known by another key or for longer, is left alone.
    """
    now = timezone.now()
    if lifetimes.is_over(session):
        return end(session, EndReason.EXPIRED, tell=tell, unless_changed=("auth_time", "last_activity"))
    believed = session_store.seconds_to_believe_in(session)
    if believed is None:
        return end(session, EndReason.EXPIRED, tell=tell, unless_changed=("session_key_hash", "expires_at"))
    if session.expires_at < now:
        again = lifetimes.capped(session, now + timedelta(seconds=believed))
        OPSession.objects.filter(pk=session.pk).update(expires_at=again)
    return False


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
        ended = session_limit.store(session, partial(end, reason=EndReason.TOO_MANY))
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
