"""Sign everybody out of one application."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from oauth2_provider.models import get_application_model

from oidc_session.application_logout import sign_out_everybody
from oidc_session.management.arguments import positive


class Command(BaseCommand):
    help = "Sign everybody out of one application. They stay signed in at the provider and at other applications."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", help="The client_id of the application.")
        parser.add_argument("--batch-size", type=positive, default=500, help="Sessions to end in one go (500).")
        parser.add_argument("--most-per-second", type=positive, default=100, help="Sessions to end a second (100).")

    def handle(self, *args: object, client_id: str, batch_size: int, most_per_second: int, **options: object) -> None:
        application = get_application_model().objects.filter(client_id=client_id).first()
        if application is None:
            raise CommandError(f"There is no application with the client_id {client_id!r}.")
        ended = 0
        for ended in sign_out_everybody(application, batch_size, most_per_second):
            self.stdout.write(f"Signed out so far: {ended}")
        self.stdout.write(f"People signed out: {ended}")
