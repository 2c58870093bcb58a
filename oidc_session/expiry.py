"""Expiry is a logout, too: sessions that nobody ended are ended once their time is over."""

import time
import uuid
from collections.abc import Iterator
from functools import partial

from django.utils import timezone

from oidc_session import overdue, tasks
from oidc_session.ending_many import Outcome, batches, end_each
from oidc_session.models import OPSession, OPSessionQuerySet


def end_expired(
    batch_size: int, pause: float = 0, *, check_all: bool = False, dry_run: bool = False
) -> Iterator[Outcome]:
    """End the sessions that have expired, in batches with a pause of so many seconds after each; yield after each.

    Looks at those whose time is over, or at all of them: the store may have lost one before.
    A dry run counts them, and writes nothing.
    """
    outcome = Outcome()
    for batch in batches(expired(check_all=check_all), batch_size):
        waiting: list[uuid.UUID] = []
        end_each(batch, overdue.found if dry_run else partial(overdue.end, tell=waiting.extend), outcome)
        tasks.tell_later(waiting)
        yield outcome
        time.sleep(pause)


def expired(*, check_all: bool = False) -> OPSessionQuerySet:
    """Return the live sessions that are to be looked at."""
    live = OPSession.objects.live()
    return live if check_all else live.filter(expires_at__lt=timezone.now())
