from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db.models import Model
from oauth2_provider.models import AbstractApplication, get_application_model

from oidc_session.models import ClientLogoutSettings
from testproject.environment import (
    PASSWORD,
    RP_URL,
    SAMPLE_RP_ID,
    SAMPLE_RP_SECRET,
    SAMPLE_SPA_ID,
    SECOND_RP_ID,
    SECOND_RP_SECRET,
    SECOND_RP_URL,
)

User = get_user_model()
Application = get_application_model()

PEOPLE = {
    "alice": {"first_name": "Alice", "last_name": "Adams", "groups": ["members", "staff"]},
    "bob": {"first_name": "Bob", "last_name": "Brown", "groups": ["members"]},
    "admin": {"first_name": "Ada", "last_name": "Admin", "groups": ["members", "staff"], "superuser": True},
}
APPLICATIONS = {
    SAMPLE_RP_ID: ("Sample application", RP_URL, SAMPLE_RP_SECRET),
    SECOND_RP_ID: ("Second application", SECOND_RP_URL, SECOND_RP_SECRET),
}


class Command(BaseCommand):
    help = "Make sure that the people and the clients of the demo exist."

    def handle(self, *args: Any, **options: Any) -> None:
        for username, details in PEOPLE.items():
            seed_person(username, **details)
        for client_id, (name, url, secret) in APPLICATIONS.items():
            seed_application(client_id, name, url, secret)
        seed_single_page_application()


def seed_person(username: str, *, first_name: str, last_name: str, groups: list[str], superuser: bool = False) -> None:
    person, _ = User.objects.get_or_create(username=username)
    person.first_name, person.last_name = first_name, last_name
    person.email = f"{username}@example.org"
    person.is_staff = person.is_superuser = superuser
    if not person.check_password(PASSWORD):  # A new hash of the same password would end the person's sessions.
        person.set_password(PASSWORD)
    person.save()
    person.groups.set(Group.objects.get_or_create(name=name)[0] for name in groups)


def seed_application(client_id: str, name: str, url: str, secret: str) -> None:
    client = client_named(client_id)
    client.name = name
    client.client_type = Application.CLIENT_CONFIDENTIAL
    client.redirect_uris = f"{url}/oidc/demo/callback/"
    client.post_logout_redirect_uris = f"{url}/"
    if not check_password(secret, client.client_secret):
        client.client_secret = secret
    save(client)
    seed_logout_settings(client, url)


def seed_logout_settings(client: AbstractApplication, url: str) -> None:
    found = ClientLogoutSettings.objects.filter(application=client).first()
    settings = found or ClientLogoutSettings(application=client)
    for channel in ("frontchannel", "backchannel"):
        setattr(settings, f"{channel}_logout_uri", f"{url}/oidc/demo/{channel}-logout/")
        setattr(settings, f"{channel}_logout_session_required", True)
    save(settings)


def seed_single_page_application() -> None:
    """Make sure that it is there at each application's address, for all serve its page."""
    urls = [url for _, url, _ in APPLICATIONS.values()]
    client = client_named(SAMPLE_SPA_ID)
    client.name = "Sample single-page application"
    client.client_type = Application.CLIENT_PUBLIC
    client.redirect_uris = " ".join(f"{url}/spa/callback/" for url in urls)
    client.post_logout_redirect_uris = " ".join(f"{url}/spa/" for url in urls)
    client.allowed_origins = " ".join(urls)
    save(client)


def client_named(client_id: str) -> AbstractApplication:
    client = Application.objects.filter(client_id=client_id).first() or Application(client_id=client_id)
    client.authorization_grant_type = Application.GRANT_AUTHORIZATION_CODE
    client.algorithm = Application.RS256_ALGORITHM
    client.skip_authorization = False
    return client


def save(row: Model) -> None:
    row.full_clean()
    row.save()
