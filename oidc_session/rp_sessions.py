"""The applications in an OP session: how each joins it, and how one of them leaves it."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, connections, router, transaction
from django.utils import timezone
from oauth2_provider.models import get_application_model

from oidc_session import announcements, credentials, outbox, tasks
from oidc_session.models import Credential, OPSession, RPSession
from oidc_session.models.sessions import new_sid
from oidc_session.tasks import Tell

LOOK_UP = """
SELECT op_session.*, rp_session.id AS rp_id, rp_session.sid AS rp_sid FROM {op_session} op_session
LEFT JOIN {rp_session} rp_session ON rp_session.op_session_id = op_session.id AND rp_session.ended_at IS NULL
    AND rp_session.application_id = (SELECT {key} FROM {application} WHERE client_id = %s)
WHERE op_session.id = %s AND op_session.ended_at IS NULL
"""


def live_with_rp_session(pk: int, client_id: str) -> OPSession | None:
    """Look up the client's live RP session along with a live OP session, for join(): one query for both.

    In SQL, because every authorization waits for it: Django takes seven times as long to build this query.
    """
    return next(iter(OPSession.objects.raw(LOOK_UP.format(**_names()), [client_id, pk])), None)


def join(session: OPSession, application: Any, issuer: Callable[[], str] = str) -> RPSession:
    """Return the application's part in the session, made now at its first authorization, with the issuer of then."""
    looked_up: tuple[int | None, str | None] = getattr(session, "rp_id", None), getattr(session, "rp_sid", None)
    if looked_up[1] is not None:
        return RPSession(pk=looked_up[0], sid=looked_up[1], op_session=session, application=application)
    joining = RPSession(op_session=session, application=application, iss=issuer())
    if not connections[_database()].in_atomic_block:
        with suppress(IntegrityError):  # Of two who join at one moment, one gets the other's row.
            joining.save(force_insert=True)
            announcements.joined(joining)
            return joining
    RPSession.objects.bulk_create([joining], ignore_conflicts=True)
    joined = RPSession.objects.get(op_session=session, application=application)
    joined.op_session, joined.application = session, application
    if joined.sid == joining.sid:
        announcements.joined(joined)
    elif joined.ended_at is not None:
        _begin_anew(joined, joining.iss)
    return joined


def remember_subject(rp_session: RPSession, iss: str, sub: str) -> None:
    """Keep issuer and subject as an ID token has them: its logout token is to say the same."""
    if (rp_session.iss, rp_session.sub) != (iss, sub):
        RPSession.objects.filter(pk=rp_session.pk).update(iss=iss, sub=sub)
        rp_session.iss, rp_session.sub = iss, sub


def remember_subject_unless_ended(rp_session: RPSession, iss: str, sub: str) -> bool:
    """See remember_subject(); False where the session has ended, and an ID token would be one that nobody tells of."""
    with transaction.atomic(using=_database()):
        if not _lock_live(rp_session):
            return False
        remember_subject(rp_session, iss, sub)
    return True


def end(rp_session: RPSession, *, tell: Tell = tasks.tell_later) -> bool:
    """Let one application leave its session, which goes on without it; False where either is over already.

    What was handed out to it is revoked, and it is told. See sessions.end().
    """
    mine = RPSession.objects.filter(pk=rp_session.pk)
    with transaction.atomic(using=_database()):
        if not _lock_live(rp_session) or not mine.filter(ended_at=None).update(ended_at=timezone.now()):
            return False
        credentials.revoke(Credential.objects.filter(rp_session=rp_session))
        owe(mine, tell)
    return True


def owe(rp_sessions: Any, tell: Tell) -> None:
    """Write down what is owed to applications that leave, and have them told once that is committed."""
    waiting = [notice.pk for notice in outbox.write(rp_sessions) if notice.state == notice.State.PENDING]
    if waiting:  # By a lambda, here and elsewhere: Django 5.2 and 6.0 fail to log that a partial failed.
        transaction.on_commit(lambda: tell(waiting), using=_database(), robust=True)


ajoin = sync_to_async(join)
aend = sync_to_async(end)


def _begin_anew(left: RPSession, issuer: str) -> None:
    """Let an application that has left join again, by another `sid`: a late notice is not to end this."""
    fresh = {"sid": new_sid(), "joined_at": timezone.now(), "ended_at": None, "iss": issuer, "sub": ""}
    is_first = RPSession.objects.filter(pk=left.pk, ended_at=left.ended_at).update(**fresh)
    left.refresh_from_db(using=_database(), fields=fresh)  # Of two who join again at one moment, both get the same.
    if is_first:
        announcements.joined(left)


def _lock_live(rp_session: RPSession) -> bool:
    """Take turns with whoever ends the whole session; False where it has ended."""
    live = OPSession.objects.live().filter(pk=rp_session.op_session_id)
    return bool(live.select_for_update().values_list("pk"))


@cache
def _names() -> dict[str, str]:
    application = get_application_model()._meta
    tables = {"op_session": OPSession._meta, "rp_session": RPSession._meta, "application": application}
    quote = connections[_database()].ops.quote_name
    return {name: quote(table.db_table) for name, table in tables.items()} | {"key": quote(application.pk.column)}


def _database() -> str:
    return router.db_for_write(RPSession)
