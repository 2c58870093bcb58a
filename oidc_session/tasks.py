"""When applications are told: within the logout's own request, or in the background, by the project's Django Tasks."""

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from oidc_session.background import background
from oidc_session.conf import conf
from oidc_session.delivery import Delivery
from oidc_session.models import LogoutNotice

try:
    from django.tasks import task, task_backends
except ImportError:  # Django 5.2
    from django_tasks import task, task_backends  # type: ignore[no-redef]

logger = logging.getLogger(__name__)

Tell = Callable[[list[uuid.UUID]], None]
"""Takes the keys of the notices that wait to be sent, once they are committed."""

RUN_AT_ONCE = ("django.tasks.backends.immediate", "django_tasks.backends.immediate")
LONGEST_AHEAD = 3600  # Seconds: with Redis, Celery hands a task of a later time to several workers.


@task(backend=conf.BACKCHANNEL_LOGOUT_TASK_BACKEND, queue_name=conf.BACKCHANNEL_LOGOUT_TASK_QUEUE)
def send_logout_notices(keys: list[str]) -> None:
    """Send the notices with these primary keys, as far as they are due."""
    Delivery(map(uuid.UUID, keys)).run()


def tell_later(keys: Iterable[uuid.UUID]) -> None:
    """Leave notices to the project's task workers; where it has none, to a thread of this process."""
    if _runs_at_once():
        background().take_over(keys, {})
    else:
        _enqueue(keys)


def tell_now(keys: Iterable[uuid.UUID], first: Any = None) -> None:
    """Send notices, first that of the application given by its primary key, and wait a moment for the answers."""
    delivery = Delivery(keys, first)
    try:
        delivery.run(conf.BACKCHANNEL_LOGOUT_WAIT)
    finally:
        if delivery.under_way:
            background().take_over((), delivery.under_way)
        if delivery.keys:
            tell_later(delivery.keys)


def try_again(notice: LogoutNotice, **kwargs: object) -> None:
    """Receive logout_notice_postponed: the next attempt is a task of its own where tasks can wait for their time."""
    at = notice.next_attempt_at
    if task_backends[conf.BACKCHANNEL_LOGOUT_TASK_BACKEND].supports_defer and at is not None:
        _enqueue([notice.pk], at)


def _enqueue(keys: Iterable[uuid.UUID], at: datetime | None = None) -> None:
    try:
        send_logout_notices.using(run_after=at).enqueue([str(key) for key in keys])
    except Exception as error:  # Whatever the queue's own are. The notices are in the outbox, for the command.
        logger.error("Logout notices not enqueued error=%s", type(error).__name__)


def _runs_at_once() -> bool:
    """Whether the backend would send within the request that ends the session."""
    backend = type(task_backends[conf.BACKCHANNEL_LOGOUT_TASK_BACKEND])
    return any(ancestor.__module__ in RUN_AT_ONCE for ancestor in backend.__mro__)
