"""The one service that starts, joins and ends OP sessions: every way in and every way out leads here."""

import ipaddress
import time
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieStore
from django.db import router, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from oidc_session import credentials, session_keys
from oidc_session.conf import conf
from oidc_session.models import EndReason, OPSession, OPSessionQuerySet, RPSession

SESSION_ENTRY = "_oidc_op_session"
MOST_NOTED = 10_000

_noted: dict[int, float] = {}  # When this process last wrote a session's last activity, by monotonic time.


def start(request: HttpRequest, user: Any) -> OPSession:
    """Begin a session for who has signed in; the same person again over a live session goes on with that one."""
    entry = request.session.get(SESSION_ENTRY)
    if entry and (going_on := _sign_in_again(request, user, entry[0])):
        return going_on
    _end_replaced(request)
    session = OPSession.objects.create(
        user=user, user_agent=_user_agent(request), address=_address(request), **_of_django_session(request.session)
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
        return start(request, request.user)
    session = _with_rp_session(client_id).live().filter(pk=entry[0]).first()
    if session is None:
        logout(request)
    return session


def join(session: OPSession, application: Any) -> RPSession:
    """Return the application's part in the session, made now at its first authorization."""
    looked_up: tuple[int | None, str | None] = getattr(session, "rp_id", None), getattr(session, "rp_sid", None)
    if looked_up[1] is not None:
        return RPSession(pk=looked_up[0], sid=looked_up[1], op_session=session, application=application)
    RPSession.objects.bulk_create([RPSession(op_session=session, application=application)], ignore_conflicts=True)
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
            transaction.on_commit(partial(_delete_django_session, session), using=_database(), robust=True)
    return True


def end_all(user: Any, reason: EndReason, *, but: OPSession | None = None) -> int:
    """End every live session of a person, and return how many there were."""
    sessions = OPSession.objects.live().filter(user=user).exclude(pk=but.pk if but else 0)
    return sum(end(session, reason) for session in sessions)


def of_django_session(session: SessionBase) -> OPSession | None:
    """Return the OP session of a Django session as far as that knows it: its key alone, and no query."""
    entry = session.get(SESSION_ENTRY)
    return OPSession(pk=entry[0]) if entry else None


def is_over(request: HttpRequest) -> bool:
    """Whether the browser shows a session that has ended on the server: one query, and no session is loaded.

    False where it shows none, or one that began before this app was installed.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    last = _of_cookie(key).order_by("-pk").values_list("ended_at", flat=True).first()
    return last is not None


def seconds_left(session: OPSession) -> float | None:
    """Ask the session store for how long to believe that a session is still there; None where it is not."""
    key = session_keys.decrypt(session.session_key) if session.session_key else None
    store = _session_store()(key)
    if key is None or not store.load():
        return None
    return store.get_expiry_age() / 10  # When it really ends is not to be had from every store.


def needs_note(session: SessionBase) -> bool:
    """Whether there is news of a Django session to note down: it was used, or its key has changed."""
    entry = session.get(SESSION_ENTRY)
    return entry is not None and (_is_idle(entry[0]) or (session.modified and entry[1] != _key_mark(session)))


def note(session: SessionBase) -> None:
    """Note down when a Django session was last used, when it ends, and where it is: one query."""
    entry = session[SESSION_ENTRY]
    _noted[entry[0]] = time.monotonic()
    fields = _of_django_session(session) | {"last_activity": timezone.now()}
    OPSession.objects.live().filter(pk=entry[0]).update(**fields)
    if session.modified:
        session[SESSION_ENTRY] = [entry[0], _key_mark(session)]


astart = sync_to_async(start)
aensure = sync_to_async(ensure)
ajoin = sync_to_async(join)
aend = sync_to_async(end)
anote = sync_to_async(note)


def _sign_in_again(request: HttpRequest, user: Any, pk: int) -> OPSession | None:
    now = timezone.now()
    fresh = {"auth_time": now, "last_activity": now} | _of_django_session(request.session)
    if not OPSession.objects.live().filter(pk=pk, user=user).update(**fresh):
        return None
    session = OPSession(pk=pk, user=user, **fresh)
    _remember(request.session, session)
    return session


def _end_replaced(request: HttpRequest) -> None:
    """End the session of who was signed in before: Django has flushed it by now, the browser's cookie tells."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key:
        for session in _of_cookie(key).live():
            end(session, EndReason.REPLACED)


def _of_cookie(session_key: str) -> OPSessionQuerySet:
    """Look up the OP session of a Django session by the key that a browser sent."""
    store = _session_store()
    if not issubclass(store, SignedCookieStore):
        return OPSession.objects.filter(session_key_hash__in=list(session_keys.keyed_hashes(session_key)))
    entry = store(session_key).get(SESSION_ENTRY)
    return OPSession.objects.filter(pk=entry[0]) if entry else OPSession.objects.none()


def _is_idle(pk: int) -> bool:
    """Whether this process has not written the session's last activity for a while."""
    if len(_noted) > MOST_NOTED:
        _noted.clear()
    last = _noted.get(pk)
    return last is None or time.monotonic() - last >= conf.SESSION_ACTIVITY_INTERVAL


def _of_django_session(session: SessionBase) -> dict[str, object]:
    """Return the fields that say where the Django session is and when it ends."""
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


def _key_mark(session: SessionBase) -> str:
    """Return what tells in the session itself that its key is another one by now."""
    key = _key(session)
    return session_keys.keyed_hash(key)[:16] if key else ""


def _remember(django_session: SessionBase, session: OPSession) -> None:
    django_session[SESSION_ENTRY] = [session.pk, session.session_key_hash[:16]]


def _with_rp_session(client_id: str) -> OPSessionQuerySet:
    """Look up the client's RP session along with an OP session: one query for both."""
    joined = RPSession.objects.filter(op_session=OuterRef("pk"), application__client_id=client_id)
    return OPSession.objects.annotate(
        rp_id=Subquery(joined.values("pk")[:1]), rp_sid=Subquery(joined.values("sid")[:1])
    )


def _delete_django_session(session: OPSession) -> None:
    if session.session_key and (key := session_keys.decrypt(session.session_key)):
        _session_store()().delete(key)


def _session_store() -> type[SessionBase]:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store


def _database() -> str:
    return router.db_for_write(OPSession)


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:255] if conf.SESSION_STORE_USER_AGENT else ""


def _address(request: HttpRequest) -> str | None:
    try:
        address = str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
    return address if conf.SESSION_STORE_ADDRESS else None
