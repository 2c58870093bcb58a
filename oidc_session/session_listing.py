"""OP sessions as an administrator asks for them on the command line: found, described, ended."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

from oidc_session import ending, tasks
from oidc_session.ending_many import Outcome, batches, end_each
from oidc_session.models import EndReason, OPSession, OPSessionQuerySet, RPSession

TIMES = ("auth_time", "started_at", "last_activity", "expires_at", "ended_at")


def find(username: str = "", sid: str = "", client_id: str = "") -> OPSessionQuerySet:
    """Return the sessions that have all of what is given, the newest first; LookupError for an unknown one."""
    found = OPSession.objects.order_by("-started_at", "-pk")
    if username:
        found = found.filter(user=_person(username))
    if sid:
        found = found.filter(pk__in=list(RPSession.objects.filter(sid=sid).values_list("op_session", flat=True)))
    if client_id:
        found = found.filter(rp_sessions__application=_application(client_id), rp_sessions__ended_at=None)
    return found


def describe(session: OPSession) -> dict[str, Any]:
    """Return a session as plain values, for JSON; no key of its Django session is among them."""
    return {
        "id": session.pk,
        "user": session.user.get_username() if session.user else None,
        **{name: _text(getattr(session, name)) for name in TIMES},
        "end_reason": session.end_reason,
        "address": session.address,
        "user_agent": session.user_agent,
        "applications": [_describe_joined(joined) for joined in session.rp_sessions.all()],
    }


def end_all(found: OPSessionQuerySet, batch_size: int) -> Iterator[Outcome]:
    """End all sessions found, in batches; yield how many were ended, and how many could not be, after each."""
    outcome = Outcome()
    for batch in batches(found.live(), batch_size):
        waiting: list[uuid.UUID] = []
        end_each(batch, partial(ending.end, reason=EndReason.ADMIN, tell=waiting.extend), outcome)
        tasks.tell_later(waiting)
        yield outcome


def _describe_joined(joined: RPSession) -> dict[str, Any]:
    return {
        "client_id": joined.application.client_id,
        "sid": joined.sid,
        "joined_at": _text(joined.joined_at),
        "ended_at": _text(joined.ended_at),
    }


def _text(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _person(username: str) -> Any:
    users = get_user_model()._default_manager
    person = users.filter(**{get_user_model().USERNAME_FIELD: username}).first()
    if person is None:
        raise LookupError(f"There is no person with the user name {username!r}.")
    return person


def _application(client_id: str) -> Any:
    application = get_application_model()._default_manager.filter(client_id=client_id).first()
    if application is None:
        raise LookupError(f"There is no application with the client_id {client_id!r}.")
    return application
