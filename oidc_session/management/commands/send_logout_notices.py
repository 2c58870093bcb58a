"""Send the logout notices that are due; for cron, a systemd timer, or as a process of its own."""

import logging
import signal
from argparse import ArgumentParser
from threading import Event

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from oidc_session.delivery import Delivery
from oidc_session.management.arguments import seconds

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send the logout notices that are due, and say how many applications were told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="Go on until SIGTERM or Ctrl-C.")
        parser.add_argument("--interval", type=seconds, default=5.0, help="Seconds between two looks in a loop (5).")

    def handle(self, *args: object, loop: bool, interval: float, **options: object) -> None:
        delivery = Delivery()
        if loop:
            self.go_on(delivery, interval)
            delivery.stop()
        delivery.run()
        self.stdout.write(f"Applications told: {delivery.told}, not told yet: {delivery.not_told}")

    def go_on(self, delivery: Delivery, interval: float) -> None:
        ending = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *received: ending.set())
        while not ending.is_set():
            close_old_connections()
            try:
                delivery.run(interval)
            except DatabaseError as error:  # It may be back soon.
                logger.error("Logout notices not sent error=%s", type(error).__name__)
            ending.wait(interval)
