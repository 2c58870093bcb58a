"""End the OP sessions that have expired; for cron, or a systemd timer."""

from django.core.management.base import CommandParser

from oidc_session import expiry
from oidc_session.ending_many import Outcome
from oidc_session.management.arguments import positive, seconds_or_none
from oidc_session.management.long_command import LongCommand


class Command(LongCommand):
    help = "End the sessions whose time is over, revoke their tokens, and say how many they were."
    what_a_dry_run_does = "Say how many would be ended, and end none."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to end in one go (500).")
        parser.add_argument("--pause", type=seconds_or_none, default=0, help="Seconds to wait after each batch (0).")
        parser.add_argument("--check-all", action="store_true", help="Ask the session store about every session.")

    def handle(
        self,
        *args: object,
        batch_size: int,
        pause: float,
        check_all: bool,
        dry_run: bool,
        verbosity: int,
        **options: object,
    ) -> None:
        steps = expiry.end_expired(batch_size, pause, check_all=check_all, dry_run=dry_run)
        words = "Sessions that would be ended" if dry_run else "Sessions ended"
        outcome = self.follow(steps, Outcome(), verbosity, lambda so_far: f"{words} so far: {so_far.ended}")
        self.stdout.write(f"{words}: {outcome.ended}")
        self.fail_with(outcome.failed, "Sessions that could not be ended")
