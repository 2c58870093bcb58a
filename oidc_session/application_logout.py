"""Everybody is signed out of one application; their sessions at the provider go on."""

import logging
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from oidc_session import rp_sessions, tasks
from oidc_session.models import RPSession
from oidc_session.tasks import Tell

logger = logging.getLogger(__name__)


def sign_out_everybody(
    application: Any, batch_size: int = 500, most_per_second: float = 100.0, until: datetime | None = None
) -> Iterator[int]:
    """End all sessions of an application, no more than so many a second; yield how many it were after each batch.

    With `until`, those that it joined later go on.
    """
    last = ended = 0
    while batch := list(joined(application, until).filter(pk__gt=last)[:batch_size]):
        began, waiting = time.monotonic(), list[uuid.UUID]()
        ended += sum(_end(rp_session, waiting.extend) for rp_session in batch)
        tasks.tell_later(waiting)
        yield ended
        last = batch[-1].pk
        time.sleep(max(0.0, len(batch) / most_per_second - (time.monotonic() - began)))


def joined(application: Any, until: datetime | None = None) -> QuerySet[RPSession]:
    """Return the live sessions of an application, in the order in which they are ended."""
    live = RPSession.objects.filter(application=application, ended_at=None, op_session__ended_at=None)
    return live.filter(joined_at__lte=until or timezone.now()).order_by("pk")


def _end(rp_session: RPSession, tell: Tell) -> bool:
    try:
        return rp_sessions.end(rp_session, tell=tell)
    except Exception:  # One that can't be ended must not keep the others.
        logger.exception("RP session not ended op_session=%s", rp_session.op_session_id)
        return False
