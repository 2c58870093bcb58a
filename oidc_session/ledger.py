"""What became of each attempt to tell an application, and what follows from it."""

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from oidc_session.conf import conf
from oidc_session.models import LogoutNotice
from oidc_session.outbox import Problem, State, closing_fields, database
from oidc_session.signals import logout_notice_delivered, logout_notice_failed, logout_notice_postponed

logger = logging.getLogger(__name__)

FIRST_DELAY = 10.0
LONGEST_DELAY = 1800.0
LONGEST_RETRY_AFTER = 3600.0
CANNOT_BE_TOLD = (Problem.NO_URI, Problem.CLIENT_DELETED)


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt; true when the application was told."""

    problem: str = ""
    status: int | None = None
    retry_after: float = 0
    is_final: bool = False
    was_tried: bool = True

    def __bool__(self) -> bool:
        return not self.problem


def record(outcomes: Iterable[tuple[LogoutNotice, Outcome]]) -> None:
    """Write down what became of attempts, unless their lease is another worker's by now, and announce it."""
    with transaction.atomic(using=database()):
        for notice, outcome in outcomes:
            _record(notice, outcome)


def delay(attempts: int, retry_after: float = 0) -> float:
    """Return for how many seconds to wait after so many attempts: longer each time, and not all for the same."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 20))
    jittered = random.uniform(longest / 2, longest)  # noqa: S311
    return max(jittered, min(retry_after, LONGEST_RETRY_AFTER))


def _record(notice: LogoutNotice, outcome: Outcome) -> None:
    fields = {"lease": None, "last_status": outcome.status} | _what_follows(notice, outcome)
    if LogoutNotice.objects.filter(pk=notice.pk, lease=notice.lease).update(**fields):
        transaction.on_commit(lambda: _announce(notice, outcome, fields), using=database(), robust=True)


def _what_follows(notice: LogoutNotice, outcome: Outcome) -> dict[str, Any]:
    if not outcome.was_tried:
        return {"attempts": notice.attempts - 1, "next_attempt_at": timezone.now()}
    if outcome:
        return closing_fields(State.DELIVERED)
    if outcome.problem in CANNOT_BE_TOLD:
        return closing_fields(State.UNTOLD, outcome.problem)
    again = timezone.now() + timedelta(seconds=delay(notice.attempts, outcome.retry_after))
    horizon = notice.created_at + timedelta(seconds=conf.BACKCHANNEL_LOGOUT_HORIZON)
    if outcome.is_final or again > horizon:
        return closing_fields(State.FAILED, outcome.problem)
    return {"problem": outcome.problem, "next_attempt_at": again}


def _announce(notice: LogoutNotice, outcome: Outcome, fields: dict[str, Any]) -> None:
    """One log line, and a signal: nothing of what was sent, nor of where to."""
    for name, value in fields.items():
        setattr(notice, name, value)
    if not outcome.was_tried:
        return
    facts = (notice.client_id, notice.attempts, outcome.status, outcome.problem)
    if notice.state == State.DELIVERED:
        logger.info("Logout notice delivered client_id=%s attempts=%s status=%s", *facts[:3])
        logout_notice_delivered.send_robust(LogoutNotice, notice=notice)
    elif notice.state == State.PENDING:
        logger.warning("Logout notice postponed client_id=%s attempts=%s status=%s problem=%s", *facts)
        logout_notice_postponed.send_robust(LogoutNotice, notice=notice)
    else:
        logger.error("Logout notice failed client_id=%s attempts=%s status=%s problem=%s", *facts)
        logout_notice_failed.send_robust(LogoutNotice, notice=notice)
