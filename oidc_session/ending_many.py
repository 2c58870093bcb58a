"""Ending very many OP sessions, a batch a transaction: one that can't be ended keeps no others."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from oidc_session.models import OPSession

logger = logging.getLogger(__name__)

BATCH_SIZE = 100

End = Callable[[Sequence[OPSession]], list[OPSession]]
"""Ends sessions in one transaction, and returns those it has ended."""


@dataclass
class Outcome:
    """How many sessions were ended, and how many could not be; `error` is why the last of these could not."""

    ended: int = 0
    failed: int = 0
    error: Exception | None = None


def end_each(batch: Sequence[OPSession], end: End, outcome: Outcome) -> list[OPSession]:
    """End a batch, or where that fails each half of it; return those that ended, and add to the outcome."""
    try:
        ended = end(batch)
    except Exception as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            return end_each(batch[:middle], end, outcome) + end_each(batch[middle:], end, outcome)
        logger.exception("Session not ended op_session=%s", batch[0].pk)
        outcome.failed, outcome.error = outcome.failed + 1, error
        return []
    outcome.ended += len(ended)
    return ended


def batches(found: QuerySet[OPSession], size: int = BATCH_SIZE) -> Iterator[list[OPSession]]:
    """Yield all that are found, in the order of their keys, and no more of them at once."""
    last = 0
    while batch := list(found.filter(pk__gt=last).order_by("pk")[:size]):
        yield batch
        last = batch[-1].pk
