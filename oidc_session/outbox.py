"""What is owed to the applications of an ended session: written as it ends, taken by one worker at a time."""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, TypeAlias

from django.db import connections, router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from oidc_session import logout_uris
from oidc_session.conf import conf
from oidc_session.models import LogoutNotice, RPSession

Channel: TypeAlias = LogoutNotice.Channel
Problem: TypeAlias = LogoutNotice.Problem
State: TypeAlias = LogoutNotice.State

LEASE_MARGIN = 10.0  # Seconds beyond the attempt: to wait for a free thread, and to write down what became of it.


def write(rp_sessions: QuerySet[RPSession]) -> list[LogoutNotice]:
    """Write down what is owed to the applications of RP sessions that end now, in the transaction that ends them."""
    if not conf.LOGOUT_NOTICES_ENABLED:
        return []
    ending = list(rp_sessions.select_related("application__logout_settings").order_by("pk"))
    channels = {application: _channels(application) for application in {one.application for one in ending}}
    notices = [_notice(one, channel) for one in ending for channel in channels[one.application]]
    return LogoutNotice.objects.bulk_create(notices)


def due() -> QuerySet[LogoutNotice]:
    """Return the notices whose time has come and that nobody is sending, the oldest first."""
    waiting = LogoutNotice.objects.filter(state=State.PENDING, next_attempt_at__lte=timezone.now())
    return waiting.order_by("next_attempt_at")


def claim(keys: Sequence[uuid.UUID]) -> list[LogoutNotice]:
    """Take notices for one attempt each, as far as they are still due: of two workers one gets a notice.

    A lease is a `next_attempt_at` in the future: a worker that dies leaves notices that are due again when it is over.
    """
    lease, now = uuid.uuid4(), timezone.now()
    ends = now + timedelta(seconds=conf.BACKCHANNEL_LOGOUT_TIMEOUT + LEASE_MARGIN)
    features = connections[database()].features
    # SQLite has one writer at a time, and would not wait for it between reading and writing.
    with transaction.atomic(using=database()) if features.has_select_for_update else nullcontext():
        free = due().filter(pk__in=keys).select_for_update(skip_locked=features.has_select_for_update_skip_locked)
        taken = due().filter(pk__in=list(free.values_list("pk", flat=True)))
        taken.update(lease=lease, attempts=F("attempts") + 1, last_attempt_at=now, next_attempt_at=ends)
    claimed = LogoutNotice.objects.filter(pk__in=keys, lease=lease)
    return list(claimed.select_related("application__logout_settings"))


def is_leased_for(notice: LogoutNotice, seconds: float) -> bool:
    """Whether nobody else can take a claimed notice in the next so many seconds."""
    ends = notice.next_attempt_at
    return ends is not None and (ends - timezone.now()).total_seconds() > seconds


def closing_fields(state: State, problem: str = "") -> dict[str, Any]:
    """Return the fields of a notice on which nothing more is to be done."""
    return {"state": state, "problem": problem, "next_attempt_at": None, "closed_at": timezone.now()}


def database() -> str:
    return router.db_for_write(LogoutNotice)


def _channels(application: Any) -> list[Channel]:
    has = {
        Channel.BACKCHANNEL: conf.BACKCHANNEL_LOGOUT_ENABLED and _has("backchannel_logout_uri", application),
        Channel.FRONTCHANNEL: conf.FRONTCHANNEL_LOGOUT_ENABLED and _has("frontchannel_logout_uri", application),
    }
    return [channel for channel, is_there in has.items() if is_there] or [Channel.NONE]


def _has(name: str, application: Any) -> bool:
    return logout_uris.usable_uri(name, application) != ""


def _notice(rp_session: RPSession, channel: Channel) -> LogoutNotice:
    return LogoutNotice(
        rp_session=rp_session,
        application=rp_session.application,
        client_id=rp_session.application.client_id,
        channel=channel,
        iss=rp_session.iss,
        sub=rp_session.sub,
        sid=rp_session.sid,
        **_beginning(channel),
    )


def _beginning(channel: Channel) -> dict[str, Any]:
    if channel == Channel.BACKCHANNEL:
        return {"next_attempt_at": timezone.now()}
    # In the browser: until a page shows its frame.
    problem = Problem.NO_BROWSER if channel == Channel.FRONTCHANNEL else Problem.NO_URI
    return closing_fields(State.UNTOLD, problem)
