from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from oauth2_provider.models import get_application_model

from testproject.environment import PASSWORD, RP_URL, SAMPLE_RP_ID, SAMPLE_RP_SECRET, SAMPLE_SPA_ID

User = get_user_model()
Application = get_application_model()

PEOPLE = {
    "alice": {"first_name": "Alice", "last_name": "Adams", "groups": ["members", "staff"]},
    "bob": {"first_name": "Bob", "last_name": "Brown", "groups": ["members"]},
    "admin": {"first_name": "Ada", "last_name": "Admin", "groups": ["members", "staff"], "superuser": True},
}
CLIENTS = {
    SAMPLE_RP_ID: {
        "name": "Sample application",
        "client_type": Application.CLIENT_CONFIDENTIAL,
        "redirect_uris": f"{RP_URL}/oidc/demo/callback/",
        "post_logout_redirect_uris": f"{RP_URL}/",
    },
    SAMPLE_SPA_ID: {
        "name": "Sample single-page application",
        "client_type": Application.CLIENT_PUBLIC,
        "redirect_uris": f"{RP_URL}/spa/callback/",
        "post_logout_redirect_uris": f"{RP_URL}/spa/",
        "allowed_origins": RP_URL,
    },
}


class Command(BaseCommand):
    help = "Make sure that the people and the clients of the demo exist."

    def handle(self, *args: Any, **options: Any) -> None:
        for username, details in PEOPLE.items():
            seed_person(username, **details)
        for client_id, details in CLIENTS.items():
            seed_client(client_id, details)


def seed_person(username: str, *, first_name: str, last_name: str, groups: list[str], superuser: bool = False) -> None:
    person, _ = User.objects.get_or_create(username=username)
    person.first_name, person.last_name = first_name, last_name
    person.email = f"{username}@example.org"
    person.is_staff = person.is_superuser = superuser
    if not person.check_password(PASSWORD):  # A new hash of the same password would end the person's sessions.
        person.set_password(PASSWORD)
    person.save()
    person.groups.set(Group.objects.get_or_create(name=name)[0] for name in groups)


def seed_client(client_id: str, details: dict[str, str]) -> None:
    client = Application.objects.filter(client_id=client_id).first() or Application(client_id=client_id)
    client.authorization_grant_type = Application.GRANT_AUTHORIZATION_CODE
    client.algorithm = Application.RS256_ALGORITHM
    client.skip_authorization = False
    for name, value in details.items():
        setattr(client, name, value)
    if not check_password(SAMPLE_RP_SECRET, client.client_secret):
        client.client_secret = SAMPLE_RP_SECRET
    client.full_clean()
    client.save()
