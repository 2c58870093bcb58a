"""Forget the sessions and logins that nobody can use any more; for cron, or a systemd timer."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from oidc_session.rp.stores import store


class Command(BaseCommand):
    help = "Forget the sessions and logins that are long over, and say how many sessions they were."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say how many it would be, and forget none.")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        if dry_run:
            self.stdout.write(f"Sessions that would be forgotten: {store().count_expired()}")
        else:
            self.stdout.write(f"Sessions forgotten: {store().clear_expired()}")
