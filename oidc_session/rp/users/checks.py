"""The system checks of Django users for the people of providers."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core.checks import CheckMessage, Error

from oidc_session import installed_middleware
from oidc_session.rp.middleware import RelyingPartyMiddleware
from oidc_session.rp.users.backends import OIDCBackend
from oidc_session.rp.users.middleware import OIDCUserMiddleware

BACKEND = "oidc_session.rp.users.backends.OIDCBackend"
MIDDLEWARE = "oidc_session.rp.users.middleware.OIDCUserMiddleware"


def missing_backend() -> Iterator[CheckMessage]:
    if not any(isinstance(backend, OIDCBackend) for backend in get_backends()):
        yield Error(
            f"AUTHENTICATION_BACKENDS must contain {BACKEND}, or a subclass of it.",
            hint=f'Write: AUTHENTICATION_BACKENDS = ["{BACKEND}"]; keep Django\'s below it for passwords.',
            id="oidc_session_rp.E027",
        )


def middleware_out_of_order() -> Iterator[CheckMessage]:
    ours = installed_middleware.position(OIDCUserMiddleware)
    needed = [installed_middleware.position(each) for each in (AuthenticationMiddleware, RelyingPartyMiddleware)]
    if ours is None or any(place is None or place > ours for place in needed):
        yield Error(
            f"MIDDLEWARE must contain {MIDDLEWARE}, below AuthenticationMiddleware and RelyingPartyMiddleware.",
            hint=f'Add "{MIDDLEWARE}" below both.',
            id="oidc_session_rp.E028",
        )


def check_users(**kwargs: Any) -> list[CheckMessage]:
    return [*missing_backend(), *middleware_out_of_order()]
