"""What django-oidc-provider is asked for."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from oidc_provider.models import Client, ResponseType, RSAKey, Token

LOGOUT = "/o/end-session/"
SECRET = "only-for-benchmarks"
BATCH = 1000


def make_application(client_id: str) -> Any:
    if not RSAKey.objects.exists():
        RSAKey.objects.create(key=settings.OAUTH2_PROVIDER["OIDC_RSA_PRIVATE_KEY"])
    client = Client(client_id=client_id, client_secret=SECRET, name=client_id, require_consent=False)
    client.redirect_uris = [f"https://{client_id}.example/callback"]
    client.post_logout_redirect_uris = [f"https://{client_id}.example/"]
    client.save()
    client.response_types.set(ResponseType.objects.filter(value="code"))
    return client


def make_applications(number: int) -> None:
    Client.objects.bulk_create(
        [Client(client_id=f"one of many {index}", name="one of many") for index in range(number)], batch_size=BATCH
    )


def make_tokens_elsewhere(person: Any, number: int) -> None:
    client = make_application(f"elsewhere-{uuid4()}")
    expires = timezone.now() + timedelta(days=1)
    Token.objects.bulk_create(
        [
            Token(user=person, client=client, expires_at=expires, access_token=uuid4().hex, refresh_token=uuid4().hex)
            for _ in range(number)
        ],
        batch_size=BATCH,
    )
