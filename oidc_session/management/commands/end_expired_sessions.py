"""End the OP sessions that have expired; for cron, or a systemd timer."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from oidc_session import expiry
from oidc_session.management.arguments import positive, seconds_or_none


class Command(BaseCommand):
    help = "End the sessions whose time is over, revoke their tokens, and say how many they were."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to look at in one go (500).")
        parser.add_argument("--pause", type=seconds_or_none, default=0, help="Seconds to wait after each batch (0).")
        parser.add_argument("--check-all", action="store_true", help="Ask the session store about every session.")

    def handle(self, *args: object, batch_size: int, pause: float, check_all: bool, **options: object) -> None:
        outcome = expiry.end_expired(batch_size, pause, check_all=check_all)
        self.stdout.write(f"Sessions ended: {outcome.ended}")
        if outcome.failed:
            raise CommandError(f"Sessions that could not be ended, see the log: {outcome.failed}")
