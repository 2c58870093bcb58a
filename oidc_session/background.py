"""The one thread of a process that goes on with what a logout did not wait for."""

import logging
import uuid
from collections.abc import Iterable
from concurrent.futures import Future
from threading import Condition, Thread, current_thread, main_thread

from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connections

from oidc_session.delivery import LOOK_AGAIN_AFTER, Delivery
from oidc_session.ledger import Outcome
from oidc_session.models import LogoutNotice
from oidc_session.per_process import per_process

logger = logging.getLogger(__name__)

MOST_KEPT = 1_000  # The rest is in the outbox alone, for the command.


class Background:
    """Takes over notices that wait, and those under way; its thread ends when there are none left."""

    def __init__(self) -> None:
        self.news = Condition()
        self.delivery = Delivery(())
        self.keys: set[uuid.UUID] = set()
        self.under_way: dict[Future[Outcome], LogoutNotice] = {}
        self.thread: Thread | None = None

    def take_over(self, keys: Iterable[uuid.UUID], under_way: dict[Future[Outcome], LogoutNotice]) -> None:
        with self.news:
            room = MOST_KEPT - len(self.keys) - len(self.delivery.keys or ())
            self.keys.update(list(keys)[: max(0, room)])
            self.under_way |= under_way
            self.news.notify()
            if self.thread is None:
                self.thread = Thread(target=self.work, name="logout-notices")
                self.thread.start()

    def work(self) -> None:
        try:
            while self.has_work():
                self.send()
        finally:
            with self.news:
                if self.thread is current_thread():  # And not one that has begun since there was no more work.
                    self.thread = None
            connections.close_all()

    def send(self) -> None:
        try:
            self.delivery.run(LOOK_AGAIN_AFTER)
            self.delivery.forget_what_others_send()
        except DatabaseFailure as error:  # It may be back soon; what is under way is not forgotten.
            logger.error("Logout notices not sent error=%s", type(error).__name__)
            close_old_connections()
            with self.news:
                self.news.wait(LOOK_AGAIN_AFTER)

    def has_work(self) -> bool:
        """Take in what is new, and return whether there is anything to do; if not, the thread is over with this."""
        with self.news:
            if self.delivery.keys and not self.delivery.under_way:  # Others keep all couriers busy.
                self.news.wait(LOOK_AGAIN_AFTER)
            self.delivery.add(self.keys, self.under_way)
            self.keys, self.under_way = set(), {}
            if not main_thread().is_alive():  # The process ends.
                self.delivery.keys = set()
            if self.delivery.keys or self.delivery.under_way:
                return True
            self.thread = None
            return False


@per_process
def background() -> Background:
    return Background()
