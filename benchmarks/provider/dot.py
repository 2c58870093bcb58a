"""What django-oauth-toolkit, with or without oidc_session, is asked for."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import AccessToken, IDToken, RefreshToken, get_application_model

LOGOUT = "/o/logout/"
SECRET = "only-for-benchmarks"
BATCH = 1000


def make_application(client_id: str) -> Any:
    application = unsaved(client_id)
    application.save()
    return application


def make_applications(number: int) -> None:
    many = [unsaved(f"one of many {index}") for index in range(number)]
    get_application_model().objects.bulk_create(many, batch_size=BATCH)


def unsaved(client_id: str) -> Any:
    return get_application_model()(
        client_id=client_id,
        client_secret=SECRET,
        hash_client_secret=False,
        name=client_id,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=f"https://{client_id}.example/callback",
        post_logout_redirect_uris=f"https://{client_id}.example/",
        algorithm="RS256",
        skip_authorization=True,
    )


def make_tokens_elsewhere(person: Any, number: int) -> None:
    """Give a person tokens in other sessions, 10 in each."""
    application = make_application(f"elsewhere-{uuid4()}")
    expires = timezone.now() + timedelta(days=1)
    common = {"user": person, "application": application}
    ids = IDToken.objects.bulk_create(
        [IDToken(expires=expires, scope="openid", **common) for _ in range(number)], batch_size=BATCH
    )
    access = AccessToken.objects.bulk_create(
        [AccessToken(token=uuid4().hex, expires=expires, scope="openid", id_token=one, **common) for one in ids],
        batch_size=BATCH,
    )
    families = [uuid4() for _ in access]
    RefreshToken.objects.bulk_create(
        [
            RefreshToken(token=uuid4().hex, access_token=one, token_family=family, **common)
            for one, family in zip(access, families, strict=True)
        ],
        batch_size=BATCH,
    )
    if settings.IS_OURS:
        tie_to_sessions(person, application, families)


def tie_to_sessions(person: Any, application: Any, families: list[Any]) -> None:
    from oidc_session.models import Credential, OPSession, RPSession

    now = timezone.now()
    sessions = OPSession.objects.bulk_create(
        [
            OPSession(user=person, auth_time=now, last_activity=now, expires_at=now + timedelta(days=1))
            for _ in families[::10]
        ],
        batch_size=BATCH,
    )
    joined = RPSession.objects.bulk_create(
        [RPSession(op_session=session, application=application) for session in sessions], batch_size=BATCH
    )
    Credential.objects.bulk_create(
        [
            Credential(rp_session=joined[index // 10], kind="token_family", key=str(family), auth_time=now)
            for index, family in enumerate(families)
        ],
        batch_size=BATCH,
    )
