"""What commands on very many rows share."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

T = TypeVar("T")


class LongCommand(BaseCommand):
    """A command that says on demand what it would do, and how far it has come; it fails where it could not do all."""

    what_a_dry_run_does = "Say how many it would be, and do nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=self.what_a_dry_run_does)

    def follow(self, steps: Iterable[T], nothing: T, verbosity: int, text: Callable[[T], str]) -> T:
        """Go through the steps of the work, and return the last, or `nothing`; with --verbosity 2 say each."""
        step = nothing
        for step in steps:
            if verbosity > 1:
                self.stderr.write(text(step))
        return step

    def fail_with(self, failed: int, what: str) -> None:
        """Make the exit code 1 where some could not be done."""
        if failed:
            raise CommandError(f"{what}, see the log: {failed}")
