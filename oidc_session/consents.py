"""What people allowed applications, remembered for longer than tokens live."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from oidc_session.conf import conf
from oidc_session.models import Consent


def give(user: Any, application: AbstractApplication, scopes: Iterable[str]) -> None:
    """Remember that a person allowed an application these scopes, beside those allowed before."""
    given = Consent.objects.filter(user=user, application=application).first()
    allowed = {*scopes, *(given.scopes if given and not _is_expired(given) else ())}
    Consent.objects.update_or_create(
        user=user,
        application=application,
        defaults={"scope": " ".join(sorted(allowed)), "given_at": timezone.now()},
    )


def covers(user: Any, application: AbstractApplication, scopes: Iterable[str]) -> bool | None:
    """Whether the person has allowed the application all of these scopes; None where nothing is remembered."""
    given = Consent.objects.filter(user=user, application=application).first()
    return None if given is None else not _is_expired(given) and set(scopes) <= set(given.scopes)


def revoke(user: Any, application: AbstractApplication) -> None:
    """Forget what a person allowed an application."""
    Consent.objects.filter(user=user, application=application).delete()


def _is_expired(consent: Consent) -> bool:
    seconds = conf.CONSENT_EXPIRE_SECONDS
    return bool(seconds) and consent.given_at + timedelta(seconds=seconds) <= timezone.now()
