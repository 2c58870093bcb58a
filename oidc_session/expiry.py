"""Expiry is a logout, too: sessions that nobody ended are ended once their time is over."""

import logging
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from oidc_session import sessions, tasks
from oidc_session.models import OPSession
from oidc_session.tasks import Tell

logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """How many sessions were ended, and how many could not be."""

    ended: int = 0
    failed: int = 0


def end_expired(batch_size: int, pause: float = 0, *, check_all: bool = False) -> Outcome:
    """End the sessions that have expired, in batches with a pause of so many seconds after each.

    Looks at those whose time is over, or at all of them: the store may have lost one before.
    """
    outcome = Outcome()
    for batch in _batches(batch_size, check_all):
        waiting: list[uuid.UUID] = []
        for session in batch:
            _end_one(session, outcome, waiting.extend)
        tasks.tell_later(waiting)
        time.sleep(pause)
    return outcome


def _end_one(session: OPSession, outcome: Outcome, tell: Tell) -> None:
    try:
        outcome.ended += sessions.end_if_expired(session, tell)
    except Exception:  # One that can't be ended must not keep the others.
        logger.exception("Session not ended op_session=%s", session.pk)
        outcome.failed += 1


def _batches(size: int, check_all: bool) -> Iterator[list[OPSession]]:
    live = OPSession.objects.live().order_by("pk")
    wanted = live if check_all else live.filter(expires_at__lt=timezone.now())
    last = 0
    while batch := list(wanted.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk
