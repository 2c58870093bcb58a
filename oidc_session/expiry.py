"""Expiry is a logout, too: sessions that nobody ended are ended once their time is over."""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from oidc_session import sessions
from oidc_session.models import EndReason, OPSession


def end_expired(batch_size: int, pause: float = 0) -> int:
    """End the sessions that have expired, in batches with a pause of so many seconds after each; return how many."""
    ended = 0
    for batch in _batches_of_due(batch_size):
        ended += sum(end_if_expired(session) for session in batch)
        time.sleep(pause)
    return ended


def end_if_expired(session: OPSession) -> bool:
    """End a session unless the session store, asked now, still has it; then look at it again later."""
    remaining = sessions.seconds_left(session)
    if remaining is None:
        return sessions.end(session, EndReason.EXPIRED)
    OPSession.objects.filter(pk=session.pk).update(expires_at=timezone.now() + timedelta(seconds=remaining))
    return False


def _batches_of_due(size: int) -> Iterator[list[OPSession]]:
    due = OPSession.objects.live().filter(expires_at__lt=timezone.now()).order_by("pk")
    last = 0
    while batch := list(due.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk
