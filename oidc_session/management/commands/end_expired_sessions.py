"""End the OP sessions that have expired; for cron, or a systemd timer."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from oidc_session import expiry


class Command(BaseCommand):
    help = "End the sessions whose time is over, revoke their tokens, and say how many they were."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch-size", type=int, default=500, help="Sessions to look at in one go (500).")
        parser.add_argument("--pause", type=float, default=0, help="Seconds to wait after each batch (0).")

    def handle(self, *args: object, batch_size: int, pause: float, **options: object) -> None:
        ended = expiry.end_expired(batch_size, pause)
        self.stdout.write(f"Sessions ended: {ended}")
