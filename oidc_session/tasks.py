"""When applications are told: within the logout's own request, or in the background, by the project's Django Tasks."""

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from oidc_session.background import background
from oidc_session.conf import conf
from oidc_session.delivery import Delivery
from oidc_session.enqueuing import enqueuing
from oidc_session.models import LogoutNotice
from oidc_session.task_backends import IMMEDIATE, TaskException, is_one_of, task

logger = logging.getLogger(__name__)

Tell = Callable[[list[uuid.UUID]], None]
"""Takes the keys of the notices that wait to be sent, once they are committed."""

REST = 0.1  # Seconds of the wait that are kept for what a logout does beside waiting.
MARGIN = timedelta(seconds=1)  # Some queues know no less, and a task that comes too early finds nothing to do.


def as_task(function: Callable[..., None]) -> Any:
    """Make it a task of the project's, or none where TASKS has no such backend or queue, as E016 and E017 tell."""
    backend, queue = conf.BACKCHANNEL_LOGOUT_TASK_BACKEND, conf.BACKCHANNEL_LOGOUT_TASK_QUEUE
    try:
        return task(backend=backend, queue_name=queue)(function)
    except (TaskException, ImproperlyConfigured):
        return function


@as_task
def send_logout_notices(keys: list[str]) -> None:
    """Send the notices with these primary keys, as far as they are due."""
    delivery = Delivery(map(uuid.UUID, keys))
    while delivery.keys:
        delivery.run()
        delivery.wait_for_couriers()
    enqueuing().finish()  # RQ ends the process along with its task.


def tell_later(keys: Iterable[uuid.UUID]) -> None:
    """Leave notices to the project's task workers; where it has none, to a thread of this process."""
    if has_workers():
        _enqueue(keys)
    else:
        background().take_over(keys, {})


def tell_now(keys: Iterable[uuid.UUID], first: Any = None) -> None:
    """Send notices, first that of the application given by its primary key, and wait a moment for the answers."""
    delivery = Delivery(keys, first)
    try:
        delivery.run(max(0.0, conf.BACKCHANNEL_LOGOUT_WAIT - REST))
    finally:
        if delivery.under_way:
            background().take_over((), delivery.under_way)
        if delivery.keys:
            tell_later(delivery.keys)


def try_again(notice: LogoutNotice, **kwargs: object) -> None:
    """Receive logout_notice_postponed: the next attempt is a task of its own where tasks can wait for their time."""
    if has_workers() and send_logout_notices.get_backend().supports_defer:
        _enqueue([notice.pk], notice.next_attempt_at)


def has_workers() -> bool:
    """Whether there are others to do it: a backend that runs tasks at once would send within the ending request."""
    return hasattr(send_logout_notices, "get_backend") and not is_one_of(IMMEDIATE, send_logout_notices.get_backend())


def _enqueue(keys: Iterable[uuid.UUID], at: datetime | None = None) -> None:
    enqueuing().add(partial(_hand_over, [str(key) for key in keys], at and at + MARGIN))


def _hand_over(keys: list[str], at: datetime | None) -> bool:
    try:
        send_logout_notices.using(run_after=at).enqueue(keys)
    except Exception as error:  # Whatever the queue's own are. The notices are in the outbox, for the command.
        logger.error("Logout notices not enqueued error=%s", type(error).__name__)
        return False
    return True
