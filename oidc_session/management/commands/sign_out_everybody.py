"""Sign everybody out of one application."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from oauth2_provider.models import get_application_model

from oidc_session import logout_orders
from oidc_session.application_logout import sign_out_everybody
from oidc_session.management.arguments import positive


class Command(BaseCommand):
    help = "Sign everybody out of one application. They stay signed in at the provider and at other applications."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("client_id", nargs="?", help="The client_id of the application.")
        which.add_argument("--unfinished", action="store_true", help="Finish what was ordered in the admin.")
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to end in one go (500).")
        parser.add_argument("--most-per-second", type=positive, default=100, help="Sessions to end a second (100).")

    def handle(self, *args: object, unfinished: bool, client_id: str | None, **options: int) -> None:
        if unfinished:
            self.finish_orders()
        else:
            self.sign_out(client_id, options["batch_size"], options["most_per_second"])

    def finish_orders(self) -> None:
        for order in logout_orders.unfinished().select_related("application"):
            for ended in logout_orders.carry_out(order.pk):
                self.stdout.write(f"Signed out of {order.application.client_id} so far: {ended}")

    def sign_out(self, client_id: str | None, batch_size: int, most_per_second: int) -> None:
        application = get_application_model().objects.filter(client_id=client_id).first()
        if application is None:
            raise CommandError(f"There is no application with the client_id {client_id!r}.")
        ended = 0
        for ended in sign_out_everybody(application, batch_size, most_per_second):
            self.stdout.write(f"Signed out so far: {ended}")
        self.stdout.write(f"People signed out: {ended}")
