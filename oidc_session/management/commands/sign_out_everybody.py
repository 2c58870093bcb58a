"""Sign everybody out of one application."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from oauth2_provider.models import get_application_model

from oidc_session import logout_orders
from oidc_session.application_logout import joined, sign_out_everybody
from oidc_session.management.arguments import positive
from oidc_session.management.long_command import LongCommand


class Command(LongCommand):
    help = "Sign everybody out of one application. They stay signed in at the provider and at other applications."
    what_a_dry_run_does = "Say how many would be signed out, and sign nobody out."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("client_id", nargs="?", help="The client_id of the application.")
        which.add_argument("--unfinished", action="store_true", help="Finish what was ordered in the admin.")
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to end in one go (500).")
        parser.add_argument("--most-per-second", type=positive, default=100, help="Sessions to end a second (100).")

    def handle(self, *args: object, unfinished: bool, client_id: str | None, **options: Any) -> None:
        if unfinished:
            left = sum([self.finish(order, options) for order in _orders()])
        else:
            left = self.sign_out(_application(client_id), options)
        self.fail_with(left, "Sessions that could not be ended")

    def finish(self, order: Any, options: dict[str, Any]) -> int:
        """Finish an order, and return how many sessions could not be ended."""
        client_id = order.application.client_id
        if options["dry_run"]:
            number = joined(order.application, order.ordered_at).count()
            self.stdout.write(f"Would be signed out of {client_id}: {number}")
            return 0
        ended = self.count(logout_orders.carry_out(order.pk), order.ended, client_id, options)
        self.stdout.write(f"Signed out of {client_id}: {ended}")
        return joined(order.application, order.ordered_at).count()

    def sign_out(self, application: Any, options: dict[str, Any]) -> int:
        """Sign everybody out who is signed in by now, and return how many sessions could not be ended."""
        now = timezone.now()
        if options["dry_run"]:
            self.stdout.write(f"People who would be signed out: {joined(application, now).count()}")
            return 0
        ended = self.count(_steps(application, now, options), 0, application.client_id, options)
        self.stdout.write(f"People signed out: {ended}")
        return joined(application, now).count()

    def count(self, steps: Iterator[int], before: int, client_id: str, options: dict[str, Any]) -> int:
        words = f"Signed out of {client_id} so far"
        return self.follow(steps, before, options["verbosity"], lambda ended: f"{words}: {ended}")


def _steps(application: Any, until: datetime, options: dict[str, Any]) -> Iterator[int]:
    return sign_out_everybody(application, options["batch_size"], options["most_per_second"], until)


def _orders() -> Iterator[Any]:
    return iter(logout_orders.unfinished().select_related("application"))


def _application(client_id: str | None) -> Any:
    application = get_application_model().objects.filter(client_id=client_id).first()
    if application is None:
        raise CommandError(f"There is no application with the client_id {client_id!r}.")
    return application
