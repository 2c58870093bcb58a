"""Telling many applications at once: couriers make the attempts, one thread leads them and writes the database."""

import time
import uuid
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from math import inf
from typing import Any

from django.db import Error as DatabaseFailure
from django.db.models import Case, QuerySet, When

from oidc_session import ledger, outbox
from oidc_session.conf import conf
from oidc_session.couriers import MOST_AT_ONCE, couriers
from oidc_session.ledger import Outcome
from oidc_session.models import LogoutNotice

LOOK_AHEAD = 4 * MOST_AT_ONCE
LOOK_AGAIN_AFTER = 1.0  # Seconds, while answers are awaited.


class Delivery:
    """Send the notices that are due: those with the given keys, or all that there are."""

    def __init__(self, keys: Iterable[uuid.UUID] | None = None, first: Any = None) -> None:
        """Take the keys of the notices to send, or None for all, and the application to begin with."""
        self.keys = None if keys is None else set(keys)
        self.first = first
        self.under_way: dict[Future[Outcome], LogoutNotice] = {}
        self.told = self.not_told = 0

    def run(self, patience: float = inf) -> bool:
        """Send until no more can be begun and all are done, or for so many seconds; return whether none is under way.

        Keys of notices that were not begun stay in `keys`.
        """
        give_up = time.monotonic() + patience
        while self.begin() or self.under_way:
            left = give_up - time.monotonic()
            if left <= 0:
                return False
            done, _ = wait(self.under_way, min(left, LOOK_AGAIN_AFTER), FIRST_COMPLETED)
            self.finish(done)
        return True

    def add(self, keys: set[uuid.UUID], under_way: dict[Future[Outcome], LogoutNotice]) -> None:
        """Take over what another delivery has left."""
        self.keys = (self.keys or set()) | keys
        self.under_way |= under_way

    def wait_for_couriers(self) -> None:
        """Wait a moment where there were none left for some notices that are still due."""
        self.forget_what_others_send()
        if self.keys:
            time.sleep(LOOK_AGAIN_AFTER)

    def forget_what_others_send(self) -> None:
        if self.keys:
            self.keys = set(self.due().values_list("pk", flat=True))

    def begin(self) -> int:
        """Begin as many attempts as there are couriers for, and return how many."""
        chosen: dict[uuid.UUID, Any] = {}
        try:
            self.choose(chosen)
            notices = self.claim(chosen)
            for notice in sorted(notices, key=lambda notice: notice.application_id != self.first):
                del chosen[notice.pk]
                self.under_way[couriers().send(notice)] = notice
            return len(notices)
        finally:
            for application in chosen.values():  # Of those that another worker was quicker to take.
                couriers().release(application)

    def finish(self, done: Iterable[Future[Outcome]]) -> None:
        finished = {future: self.under_way.pop(future) for future in done}
        try:
            ledger.record((notice, future.result()) for future, notice in finished.items())
        except DatabaseFailure:  # It may be back before another worker sends them again.
            leased = {future: notice for future, notice in finished.items() if outbox.is_leased_for(notice, 0)}
            self.under_way |= leased
            raise
        told = sum(bool(future.result()) for future in finished)
        self.told, self.not_told = self.told + told, self.not_told + len(finished) - told

    def stop(self) -> None:
        """Begin no more; run() then ends with what is under way. A signal handler may call this."""
        self.keys = set()

    def choose(self, chosen: dict[uuid.UUID, Any]) -> None:
        """Add the keys of due notices, each with its application, that couriers are now reserved for."""
        while candidates := self.candidates(chosen):
            reserved = {key: application for key, application in candidates if couriers().reserve(application)}
            if not reserved:
                break
            chosen |= reserved

    def claim(self, chosen: Iterable[uuid.UUID]) -> list[LogoutNotice]:
        keys = list(chosen)
        notices = outbox.claim(keys) if keys else []
        if self.keys is not None:
            self.keys.difference_update(keys)
        return notices

    def candidates(self, chosen: Iterable[uuid.UUID]) -> list[tuple[uuid.UUID, Any]]:
        if self.keys == set() or couriers().are_busy() or not conf.BACKCHANNEL_LOGOUT_ENABLED:
            return []
        wanted = self.due().exclude(application__in=couriers().with_full_share()).exclude(pk__in=chosen)
        if self.first is not None:
            wanted = wanted.order_by(Case(When(application=self.first, then=0), default=1), "next_attempt_at")
        return list(wanted.values_list("pk", "application")[:LOOK_AHEAD])

    def due(self) -> QuerySet[LogoutNotice]:
        return outbox.due() if self.keys is None else outbox.due().filter(pk__in=self.keys)
