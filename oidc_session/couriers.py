"""The threads that carry notices to applications."""

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

from oidc_session import backchannel
from oidc_session.ledger import Outcome
from oidc_session.models import LogoutNotice
from oidc_session.per_process import per_process

MOST_AT_ONCE = 64
MOST_TO_ONE = 8
MOST_TO_STRUGGLING = 16  # All such applications together.


class Couriers:
    """The threads of one process: so many in all, and to one application no more than its share of them.

    An application that has just failed gets one alone: who hangs does not hold up the others.
    """

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="logout-notice")
        self.lock = Lock()
        self.carrying: Counter[Any] = Counter()
        self.struggling: set[Any] = set()
        self.are_leaving = False

    def are_busy(self) -> bool:
        return self.are_leaving or self.carrying.total() >= MOST_AT_ONCE

    def reserve(self, application: Any) -> bool:
        """Take one for a notice to the application, if there is one left for it."""
        with self.lock:
            if self.are_busy() or self.carrying[application] >= self.share_of(application):
                return False
            if application in self.struggling and self.carrying_to_struggling() >= MOST_TO_STRUGGLING:
                return False
            self.carrying[application] += 1
            return True

    def release(self, application: Any) -> None:
        with self.lock:
            self.carrying[application] -= 1
            self.carrying = +self.carrying

    def carrying_to_struggling(self) -> int:
        return sum(count for application, count in self.carrying.items() if application in self.struggling)

    def share_of(self, application: Any) -> int:
        if application is None:  # It was deleted, and nothing will be sent.
            return MOST_AT_ONCE
        return 1 if application in self.struggling else MOST_TO_ONE

    def with_full_share(self) -> list[Any]:
        with self.lock:
            return [application for application, count in self.carrying.items() if count >= self.share_of(application)]

    def send(self, notice: LogoutNotice) -> Future[Outcome]:
        """Send a notice by the one that was reserved for it; not any more where the process ends."""
        try:
            return self.threads.submit(self._carry, notice)
        except RuntimeError:  # Python lets threads end what they do, and start nothing.
            self.are_leaving = True
            self.release(notice.application_id)
            return _not_tried()

    def _carry(self, notice: LogoutNotice) -> Outcome:
        try:
            outcome = backchannel.attempt(notice)
            (self.struggling.discard if outcome or outcome.is_final else self.struggling.add)(notice.application_id)
            return outcome
        finally:
            self.release(notice.application_id)


def _not_tried() -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(backchannel.NOT_TRIED)
    return future


@per_process
def couriers() -> Couriers:
    return Couriers()
