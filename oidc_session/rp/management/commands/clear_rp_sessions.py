"""Forget the sessions and logins that nobody can use any more; for cron, or a systemd timer."""

from django.core.management.base import BaseCommand

from oidc_session.rp.stores import store


class Command(BaseCommand):
    help = "Forget the sessions and logins that are long over, and say how many sessions they were."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"Sessions forgotten: {store().clear_expired()}")
