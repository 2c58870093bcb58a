"""The system checks of what a project installs beside OIDC_RP."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning
from django.db import connections, router
from django.urls import NoReverseMatch, reverse

from oidc_session import installed_middleware
from oidc_session.rp.conf import conf, default_provider_name
from oidc_session.rp.middleware import RelyingPartyMiddleware
from oidc_session.rp.models import StoredSession
from oidc_session.rp.visit import MIDDLEWARE


def missing_middleware() -> Iterator[CheckMessage]:
    if installed_middleware.position(RelyingPartyMiddleware) is None:
        yield Error(
            f"MIDDLEWARE must contain {MIDDLEWARE}, or a subclass of it.",
            hint=f'Add "{MIDDLEWARE}" below "django.middleware.csrf.CsrfViewMiddleware".',
            id="oidc_session_rp.E025",
        )


def urls_not_included() -> Iterator[CheckMessage]:
    try:
        reverse("oidc_session_rp:callback", args=[default_provider_name()])
    except NoReverseMatch:
        yield Error(
            "The URLs of oidc_session.rp must be included.",
            hint='Write in urlpatterns: path("oidc/", include("oidc_session.rp.urls")).',
            id="oidc_session_rp.E026",
        )


def tokens_rolled_back() -> Iterator[CheckMessage]:
    alias = conf.database or router.db_for_write(StoredSession)
    if conf.store == "database" and connections[alias].settings_dict["ATOMIC_REQUESTS"]:
        yield Warning(
            f'Sessions must not be in a database with ATOMIC_REQUESTS, as "{alias}" is.',
            hint=(
                "A view that fails would take back the new tokens of its request, and the old ones are of no use any"
                ' more. Add to DATABASES the same database once more, without ATOMIC_REQUESTS, as "oidc", and write'
                ' in OIDC_RP: "database": "oidc"; or "store": "cache".'
            ),
            id="oidc_session_rp.W002",
        )


RULES = (missing_middleware, urls_not_included, tokens_rolled_back)
