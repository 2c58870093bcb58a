"""The test project's provider as it is, and with one mistake in its settings: the one that a request names."""

import os
from asyncio import Lock

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.test.utils import override_settings
from django.urls import include, path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testproject.op.settings")
django.setup()

from testproject.op import urls  # noqa: E402
from tests.keys import rsa_pem  # noqa: E402

OURS = "oidc_session.middleware.SessionManagementMiddleware"


def with_provider(**changes):
    return {"OAUTH2_PROVIDER": settings.OAUTH2_PROVIDER | changes}


class UrlsOfDOT:
    urlpatterns = [path("o/", include("oauth2_provider.urls")), *urls.urlpatterns]


def forbid_frames(get_response):
    """A middleware of a project's own."""

    def middleware(request):
        response = get_response(request)
        response["X-Frame-Options"] = "DENY"
        response["Content-Security-Policy"] = "frame-ancestors 'none'"
        return response

    return middleware


MISTAKES = {
    "": {},
    "middleware": {"MIDDLEWARE": [name for name in settings.MIDDLEWARE if name != OURS]},
    "middleware of its own": {"MIDDLEWARE": [f"{__name__}.forbid_frames", *settings.MIDDLEWARE]},
    "urls": {"ROOT_URLCONF": UrlsOfDOT},
    "issuer": with_provider(OIDC_ISS_ENDPOINT="https://www.op.example/o"),
    "key": with_provider(OIDC_RSA_PRIVATE_KEY=rsa_pem("another")),
    "cookie path": {"SESSION_COOKIE_PATH": "/accounts/"},
    "cookie domain": {"SESSION_COOKIE_DOMAIN": "op.example"},
    "proxy header": {"SECURE_PROXY_SSL_HEADER": None, "SESSION_COOKIE_SECURE": False},
    "cookie name": with_provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME="state_of_old"),
    "session management": with_provider(OIDC_SESSION_MANAGEMENT_ENABLED=False),
    "back channel": with_provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False),
}


one_at_a_time = Lock()  # Or the settings of one would be those of another.


async def application(scope, receive, send):
    mistake = dict(scope.get("headers", ())).get(b"x-mistake", b"").decode()
    async with one_at_a_time:
        with override_settings(**MISTAKES[mistake]):
            await ASGIHandler()(scope, receive, send)
