"""The end of OP sessions with all that was handed out in them: of many in one transaction as much as of one."""

from collections.abc import Collection
from typing import Any, TypedDict

from django.db import connections, router, transaction
from django.utils import timezone

from oidc_session import announcements, credentials, metrics, rp_sessions, session_store, tasks
from oidc_session.models import Credential, EndReason, OPSession, OPSessionQuerySet, RPSession
from oidc_session.tasks import Tell


class Manner(TypedDict, total=False):
    """How sessions are ended: see end()."""

    delete_django_session: bool
    revoke_tokens: bool
    tell: Tell
    unless_changed: tuple[str, ...]


def end(
    batch: Collection[OPSession],
    reason: EndReason,
    *,
    delete_django_session: bool = True,
    revoke_tokens: bool = True,
    tell: Tell = tasks.tell_later,
    unless_changed: tuple[str, ...] = (),
) -> list[OPSession]:
    """End sessions, all or none, and return them as they are now, without those that have ended already.

    Left alone are also those in which one of the fields named in `unless_changed` has another value by now. Many
    cost hardly more queries than one. Their applications are told once it is committed, by messages that were written
    in the same transaction.
    """
    with transaction.atomic(using=database()):
        ending = _take(batch, {"ended_at": timezone.now(), "end_reason": reason}, unless_changed)
        if not ending:
            return []
        handed_out = Credential.objects.filter(rp_session__op_session__in=ending)
        (credentials.revoke if revoke_tokens else credentials.let_go)(handed_out)
        if delete_django_session:
            transaction.on_commit(lambda: session_store.delete(ending), using=database(), robust=True)
        rp_sessions.owe(RPSession.objects.filter(op_session__in=ending, ended_at=None), tell)
        announcements.ended(ending)
        metrics.sessions_ended(len(ending), reason, database())
    return ending


def database() -> str:
    return router.db_for_write(OPSession)


def _take(batch: Collection[OPSession], fields: dict[str, Any], unless_changed: tuple[str, ...]) -> list[OPSession]:
    """Change the rows of those that are live, which is the gate: of two who end one at one moment, one gets it."""
    if len(batch) > 1:
        return _take_many(batch, fields, unless_changed)
    unchanged = {name: getattr(session, name) for session in batch for name in unless_changed}
    return list(_rows(batch)) if _rows(batch).live().filter(**unchanged).update(**fields) else []


def _take_many(
    batch: Collection[OPSession], fields: dict[str, Any], unless_changed: tuple[str, ...]
) -> list[OPSession]:
    taken = _lock_live(batch, unless_changed)
    _rows(taken).update(**fields)
    for session in taken:
        vars(session).update(fields)
    return taken


def _lock_live(batch: Collection[OPSession], unless_changed: tuple[str, ...]) -> list[OPSession]:
    """Lock those that are live and unchanged, and return them.

    In the order of their keys: two who end the same many wait for each other, and not in a circle.
    """
    read = {session.pk: session for session in batch}
    live = _rows(batch).live()
    has_locks = connections[database()].features.has_select_for_update
    # Changes nothing; but SQLite would not wait for its one writer after reading.
    (live.none() if has_locks else live).update(ended_at=None)
    return [
        session
        for session in live.order_by("pk").select_for_update()
        if all(getattr(session, name) == getattr(read[session.pk], name) for name in unless_changed)
    ]


def _rows(batch: Collection[OPSession]) -> OPSessionQuerySet:
    return OPSession.objects.filter(pk__in=[session.pk for session in batch])
