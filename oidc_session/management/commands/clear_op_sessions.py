"""Delete what is over; for cron, or a systemd timer."""

from datetime import datetime, timedelta

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from oidc_session.conf import conf
from oidc_session.management.arguments import positive
from oidc_session.management.long_command import LongCommand
from oidc_session.retention import FAILED, NAMES, Retention


class Command(LongCommand):
    help = "Delete sessions that ended long ago, with all that was written of them, and say how many they were."

    what_a_dry_run_does = "Say what would be deleted, and delete nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        days = "Days to remember what is over (OIDC_SESSION_RETENTION_DAYS)."
        parser.add_argument("--days", type=positive, help=days)
        parser.add_argument("--batch-size", type=positive, default=500, help="Rows to delete in one go (500).")

    def handle(
        self, *args: object, days: int | None, batch_size: int, dry_run: bool, verbosity: int, **options: object
    ) -> None:
        retention = Retention(_before(days or conf.SESSION_RETENTION_DAYS), batch_size, dry_run=dry_run)
        self.follow(retention.run(), retention.found, verbosity, lambda found: f"So far: {dict(found)}")
        verb = "Would be deleted" if dry_run else "Deleted"
        for name in NAMES.values():
            self.stdout.write(f"{verb}: {retention.found[name]} {name}")
        self.fail_with(retention.found[FAILED], "Sessions that could not be deleted")


def _before(days: object) -> datetime:
    if not isinstance(days, int) or days < 1:
        raise CommandError("OIDC_SESSION_RETENTION_DAYS must be a number of days above zero.")
    return timezone.now() - timedelta(days=days)
