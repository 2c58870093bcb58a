"""The one service that starts, joins and ends OP sessions: every way in and every way out leads here."""

import ipaddress
import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, connections, router, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from oidc_session import credentials, session_store
from oidc_session.conf import conf
from oidc_session.models import EndReason, OPSession, OPSessionQuerySet, RPSession
from oidc_session.session_store import SESSION_ENTRY

MOST_NOTED = 10_000

_noted: dict[int, float] = {}  # When this process last wrote a session's last activity, by monotonic time.


def start(request: HttpRequest, user: Any, auth_time: datetime | None = None) -> OPSession:
    """Begin a session for who has signed in, now or then; the same person again goes on with a live session."""
    entry = request.session.get(SESSION_ENTRY)
    if entry and (going_on := _sign_in_again(request, user, entry[0])):
        return going_on
    _end_replaced(request, user)
    session = OPSession.objects.create(
        user=user,
        auth_time=auth_time or timezone.now(),
        user_agent=_user_agent(request),
        address=_address(request),
        **session_store.whereabouts(request.session),
    )
    _remember(request.session, session)
    _noted[session.pk] = time.monotonic()
    return session


def ensure(request: HttpRequest, client_id: str = "") -> OPSession | None:
    """Return the live session of the browser, or None where nobody is signed in.

    A person who signed in before this app was installed gets one now. A browser whose session has ended, whatever
    the session store says, is signed out.
    """
    if not request.user.is_authenticated:
        return None
    entry = request.session.get(SESSION_ENTRY)
    if entry is None:
        return start(request, request.user, request.user.last_login)
    session = _with_rp_session(client_id).live().filter(pk=entry[0], user=request.user).first()
    if session is None:
        logout(request)
    return session


def join(session: OPSession, application: Any) -> RPSession:
    """Return the application's part in the session, made now at its first authorization."""
    looked_up: tuple[int | None, str | None] = getattr(session, "rp_id", None), getattr(session, "rp_sid", None)
    if looked_up[1] is not None:
        return RPSession(pk=looked_up[0], sid=looked_up[1], op_session=session, application=application)
    joining = RPSession(op_session=session, application=application)
    if not connections[_database()].in_atomic_block:
        with suppress(IntegrityError):  # Of two who join at one moment, one gets the other's row.
            joining.save(force_insert=True)
            return joining
    RPSession.objects.bulk_create([joining], ignore_conflicts=True)
    joined = RPSession.objects.get(op_session=session, application=application)
    joined.op_session = session
    return joined


def end(
    session: OPSession, reason: EndReason, *, delete_django_session: bool = True, revoke_tokens: bool = True
) -> bool:
    """End a session with all that was handed out in it; False where it has ended already, by whomever.

    The change of its row is the gate: of two who end it at one moment, one does.
    """
    with transaction.atomic(using=_database()):
        ended = OPSession.objects.live().filter(pk=session.pk).update(ended_at=timezone.now(), end_reason=reason)
        if not ended:
            return False
        if revoke_tokens:
            credentials.revoke(session)
        else:
            credentials.let_go(session)
        if delete_django_session:
            transaction.on_commit(partial(session_store.delete, session), using=_database(), robust=True)
    return True


def end_all(user: Any, reason: EndReason, *, but: OPSession | None = None) -> int:
    """End every live session of a person, and return how many there were."""
    sessions = OPSession.objects.live().filter(user=user).exclude(pk=but.pk if but else 0)
    return sum(end(session, reason) for session in sessions)


def end_if_expired(session: OPSession) -> bool:
    """End a session unless the session store, asked now, still has it; then look at it again later."""
    now = timezone.now()
    believed = session_store.seconds_to_believe_in(session)
    if believed is None:
        return end(session, EndReason.EXPIRED)
    if session.expires_at < now:
        OPSession.objects.filter(pk=session.pk).update(expires_at=now + timedelta(seconds=believed))
    return False


def of_django_session(session: SessionBase) -> OPSession | None:
    """Return the OP session of a Django session as far as that knows it: its key alone, and no query."""
    entry = session.get(SESSION_ENTRY)
    return OPSession(pk=entry[0]) if entry else None


def is_over(request: HttpRequest) -> bool:
    """Whether the browser shows a session that has ended on the server: one query, and no session is loaded.

    False where it shows none, or one that began before this app was installed.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    session = session_store.of_key(key).order_by("-pk").first() if key else None
    if session is None:
        return False
    return not session.is_live or (session.expires_at < timezone.now() and end_if_expired(session))


def needs_note(session: SessionBase) -> bool:
    """Whether there is news of a Django session to note down: it was used, or its key has changed."""
    entry = session.get(SESSION_ENTRY)
    return entry is not None and (
        _is_idle(entry[0]) or (session.modified and entry[1] != session_store.key_mark(session))
    )


def note(session: SessionBase) -> None:
    """Note down when a Django session was last used, when it ends, and where it is: one query."""
    entry = session[SESSION_ENTRY]
    _noted[entry[0]] = time.monotonic()
    is_saved = session.modified or settings.SESSION_SAVE_EVERY_REQUEST
    fields = session_store.whereabouts(session) if is_saved else {}
    OPSession.objects.live().filter(pk=entry[0]).update(last_activity=timezone.now(), **fields)
    if session.modified:
        session[SESSION_ENTRY] = [entry[0], session_store.key_mark(session)]


astart = sync_to_async(start)
aensure = sync_to_async(ensure)
ajoin = sync_to_async(join)
aend = sync_to_async(end)
anote = sync_to_async(note)


def _sign_in_again(request: HttpRequest, user: Any, pk: int) -> OPSession | None:
    now = timezone.now()
    fresh = {"auth_time": now, "last_activity": now} | session_store.whereabouts(request.session)
    if not OPSession.objects.live().filter(pk=pk, user=user).update(**fresh):
        return None
    session = OPSession(pk=pk, user=user, **fresh)
    _remember(request.session, session)
    return session


def _end_replaced(request: HttpRequest, user: Any) -> None:
    """End the session of who was signed in before: Django has flushed it by now, the browser's cookie tells."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key:
        for session in session_store.of_key(key).live():
            end(session, EndReason.EXPIRED if session.user_id == user.pk else EndReason.REPLACED)


def _is_idle(pk: int) -> bool:
    """Whether this process has not written the session's last activity for a while."""
    if len(_noted) > MOST_NOTED:
        _noted.clear()
    last = _noted.get(pk)
    return last is None or time.monotonic() - last >= conf.SESSION_ACTIVITY_INTERVAL


def _remember(django_session: SessionBase, session: OPSession) -> None:
    django_session[SESSION_ENTRY] = [session.pk, session.session_key_hash[:16]]


def _with_rp_session(client_id: str) -> OPSessionQuerySet:
    """Look up the client's RP session along with an OP session: one query for both."""
    joined = RPSession.objects.filter(op_session=OuterRef("pk"), application__client_id=client_id)
    return OPSession.objects.annotate(
        rp_id=Subquery(joined.values("pk")[:1]), rp_sid=Subquery(joined.values("sid")[:1])
    )


def _database() -> str:
    return router.db_for_write(OPSession)


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:255] if conf.SESSION_STORE_USER_AGENT else ""


def _address(request: HttpRequest) -> str | None:
    if not conf.SESSION_STORE_ADDRESS:
        return None
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
