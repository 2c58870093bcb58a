"""Orders to sign everybody out of an application: carried out in the background, by one process at a time.

What is done is written down with each batch; an order that somebody has left behind is for the command to finish.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from threading import Thread, main_thread
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from oauth2_provider.models import get_application_model

from oidc_session import tasks
from oidc_session.application_logout import joined, sign_out_everybody
from oidc_session.enqueuing import enqueuing
from oidc_session.models import ApplicationLogout

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
MOST_PER_SECOND = 100.0
LEASE = timedelta(minutes=2)  # A batch takes a second or so.


@tasks.as_task
def carry_out_order(key: int) -> None:
    """Carry out the order with this primary key."""
    for _ended in carry_out(key):
        pass


def place(application: Any, person: Any, since: datetime | None = None) -> ApplicationLogout:
    """Order that everybody be signed out of an application, and begin with it once that is committed.

    An order that the same person has placed since the given moment is returned instead: somebody clicked twice.
    """
    with transaction.atomic(using=_database()):
        _take_turns(application)
        mine = _orders().filter(application=application, ordered_by=person)
        if since and (placed := mine.filter(ordered_at__gte=since).first()):
            return placed
        order = _orders().create(application=application, ordered_by=person)
        transaction.on_commit(lambda: _begin(order.pk), using=_database(), robust=True)
    return order


def unfinished() -> QuerySet[ApplicationLogout]:
    """Return the orders that nobody is at."""
    is_free = Q(lease_ends=None) | Q(lease_ends__lt=timezone.now())
    return _orders().filter(is_free, finished_at=None).order_by("pk")


def carry_out(key: int) -> Iterator[int]:
    """Carry out an order unless somebody is at it; yield how many sessions were ended in all after each batch."""
    if not unfinished().filter(pk=key).update(lease_ends=timezone.now() + LEASE):
        return
    order = _orders().select_related("application").get(pk=key)
    if order.total is None:
        _write(order, total=joined(order.application, order.ordered_at).count())
    before = order.ended
    for ended in sign_out_everybody(order.application, BATCH_SIZE, MOST_PER_SECOND, order.ordered_at):
        _write(order, ended=before + ended, lease_ends=timezone.now() + LEASE)
        yield before + ended
        if not main_thread().is_alive():  # The process ends: the command may go on at once.
            _write(order, lease_ends=None)
            return
    _write(order, finished_at=timezone.now())
    logger.info("Everybody signed out client_id=%s ended=%s", order.application.client_id, order.ended)


def _begin(key: int) -> None:
    if tasks.has_workers():
        enqueuing().add(partial(_enqueue, key))
    else:
        Thread(target=_work, args=[key], name="logout-of-everybody").start()


def _enqueue(key: int) -> bool:
    try:
        carry_out_order.enqueue(key)
    except Exception as error:  # Whatever the queue's own are. The order is in the database, for the command.
        logger.error("Logout of everybody not enqueued error=%s", type(error).__name__)
        return False
    return True


def _work(key: int) -> None:
    try:
        for _ended in carry_out(key):
            pass
    except Exception as error:  # Of the database, mostly: its text may hold anything.
        logger.error("Logout of everybody interrupted error=%s", type(error).__name__)
    finally:
        connections.close_all()


def _write(order: ApplicationLogout, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(order, name, value)
    _orders().filter(pk=order.pk).update(**fields)


def _take_turns(application: Any) -> None:
    """Let whoever places an order for an application wait for whoever does so at the same moment."""
    same = get_application_model()._base_manager.using(_database()).filter(pk=application.pk)
    list(same.select_for_update().values_list("pk"))


def _orders() -> QuerySet[ApplicationLogout]:
    return ApplicationLogout.objects.using(_database())


def _database() -> str:
    return router.db_for_write(ApplicationLogout)
