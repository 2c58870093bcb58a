"""Sending a notice again because somebody asks for it, and trying out whether an application can be told at all."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from oidc_session import backchannel, logout_uris, outbox, tasks
from oidc_session.conf import conf
from oidc_session.ledger import Outcome
from oidc_session.models import LogoutNotice
from oidc_session.models.sessions import new_sid
from oidc_session.outbox import Channel, Problem, State

logger = logging.getLogger(__name__)

MOST_TRIED = 8


def hindrance(notice: LogoutNotice) -> Problem | None:
    """Return why a notice can't be sent again, or None where it can."""
    if notice.application is None:
        return Problem.CLIENT_DELETED
    if notice.channel == Channel.FRONTCHANNEL:
        return Problem.NO_BROWSER
    return None if logout_uris.usable_uri("backchannel_logout_uri", notice.application) else Problem.NO_URI


def make_due(notice: LogoutNotice) -> bool:
    """Have a notice sent again, whatever became of it; False where it is being sent at this moment."""
    now = timezone.now()
    again = {"channel": Channel.BACKCHANNEL, "state": State.PENDING, "problem": "", "lease": None, "closed_at": None}
    is_leased = Q(lease__isnull=False, next_attempt_at__gt=now)
    rows = LogoutNotice.objects.using(outbox.database()).filter(pk=notice.pk)
    return bool(rows.exclude(is_leased).update(next_attempt_at=now, **again))


def send(notices: Iterable[LogoutNotice]) -> None:
    """Send notices that are due in the background, once that is committed."""
    keys = [notice.pk for notice in notices]
    transaction.on_commit(lambda: tasks.tell_later(keys), using=outbox.database(), robust=True)


def try_out(applications: Iterable[Any], issuer: str) -> list[tuple[Any, Outcome]]:
    """Send each application a logout token that ends nothing, and return what became of each; no row is written.

    The token has a `sid` that no session has, and no `sub`: a receiver that knows people only would sign one out.
    """
    tried = list(applications)
    with ThreadPoolExecutor(MOST_TRIED) as threads:
        outcomes = list(threads.map(backchannel.attempt, [_trial(application, issuer) for application in tried]))
    for application, outcome in zip(tried, outcomes, strict=True):
        facts = (application.client_id, outcome.status, outcome.problem)
        logger.info("Logout notice tried out client_id=%s status=%s problem=%s", *facts)
    return list(zip(tried, outcomes, strict=True))


def _trial(application: Any, issuer: str) -> LogoutNotice:
    ends = timezone.now() + timedelta(seconds=conf.BACKCHANNEL_LOGOUT_TIMEOUT + outbox.LEASE_MARGIN)
    return LogoutNotice(
        application=application,
        client_id=application.client_id,
        channel=Channel.BACKCHANNEL,
        iss=issuer,
        sid=new_sid(),
        next_attempt_at=ends,
    )
