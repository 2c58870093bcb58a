"""Send the logout notices that are due; for cron, a systemd timer, or as a process of its own."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue

from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseFailure
from django.db import close_old_connections

from oidc_session import outbox
from oidc_session.conf import conf
from oidc_session.delivery import Delivery
from oidc_session.management.arguments import seconds
from oidc_session.management.long_command import LongCommand

PROGRESS_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Command(LongCommand):
    help = "Send the logout notices that are due, and say how many applications were told."

    what_a_dry_run_does = "Say how many are due, and send none."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--loop", action="store_true", help="Go on until SIGTERM or Ctrl-C.")
        parser.add_argument("--interval", type=seconds, default=5.0, help="Seconds between two looks in a loop (5).")

    def handle(
        self, *args: object, loop: bool, interval: float, dry_run: bool, verbosity: int, **options: object
    ) -> None:
        delivery = Delivery()
        if dry_run and loop:
            raise CommandError("--dry-run looks once: leave --loop out.")
        if dry_run:
            self.stdout.write(f"Notices that would be sent: {due()}")
            return
        if loop:
            with ending_by_signal(delivery) as received:
                go_on(delivery, interval, received)
                delivery.run()
        else:
            self.follow(once(delivery), delivery, verbosity, lambda so_far: f"{told(so_far)} so far")
        self.stdout.write(told(delivery))


def told(delivery: Delivery) -> str:
    return f"Applications told: {delivery.told}, not told yet: {delivery.not_told}"


def due() -> int:
    return outbox.due().count() if conf.BACKCHANNEL_LOGOUT_ENABLED else 0


def once(delivery: Delivery) -> Iterator[Delivery]:
    """Send what is due; yield now and then while that takes long."""
    while not delivery.run(PROGRESS_SECONDS):
        yield delivery


@contextmanager
def ending_by_signal(delivery: Delivery) -> Iterator[SimpleQueue[int]]:
    """Stop a delivery at Ctrl-C or SIGTERM, and put the signal into a queue."""
    received: SimpleQueue[int] = SimpleQueue()  # An Event that is waited for may not be set by a signal handler.

    def stop(number: int, frame: object) -> None:
        delivery.stop()
        received.put(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def go_on(delivery: Delivery, interval: float, received: SimpleQueue[int]) -> None:
    """Send whatever becomes due, until a signal comes."""
    while True:
        close_old_connections()
        try:
            delivery.run()
        except DatabaseFailure as error:  # It may be back soon.
            logger.error("Logout notices not sent error=%s", type(error).__name__)
        with suppress(Empty):
            received.get(timeout=interval)
            return
