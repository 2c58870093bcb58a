"""The system checks of `manage.py check --deploy`: what works at home, and not in a browser of today."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import DatabaseError, connections, router
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.cache import has_vary_header
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings

from oidc_session import task_checks
from oidc_session.conf import conf
from oidc_session.delivery_target import is_refused_for_certain
from oidc_session.models import ClientLogoutSettings, OPSession
from oidc_session.origins import origin_of, same_site

SHORTEST_KEY = 32
NAMED_AT_MOST = 5


def short_default_session_key() -> Iterator[CheckMessage]:
    key: object = conf.DEFAULT_SESSION_KEY
    if isinstance(key, str) and 0 < len(key.strip()) < SHORTEST_KEY:  # E001 and E007 tell of the rest.
        yield Warning(
            f"OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY must have {SHORTEST_KEY} characters or more.",
            hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))".',
            id="oidc_session.W004",
        )


def plain_http() -> Iterator[CheckMessage]:
    for name in ("OIDC_ISS_ENDPOINT", "OIDC_SESSION_IFRAME_ENDPOINT"):
        url = getattr(settings, "OAUTH2_PROVIDER", {}).get(name, "")
        if url and not str(url).lower().startswith("https://"):
            yield Warning(
                f"{name} must begin with https://.",
                hint=(
                    "Over plain http everybody on the way reads along, and browsers give the iframe in a page of"
                    " another site neither its cookie nor Web Crypto."
                ),
                id="oidc_session.W005",
            )


def relying_parties_of_other_sites() -> Iterator[CheckMessage]:
    provider = origin_of(oauth2_settings.OIDC_ISS_ENDPOINT)
    if provider is None:
        return
    others = sorted(origin for origin in origins_of_clients() if not same_site(origin, provider))
    if others:
        yield Warning(
            f"Relying parties that are not same-site with {provider}: {some_of(others)}.",
            hint=(
                "Browsers that block third-party cookies leave their check_session_iframe without an answer, and"
                ' prompt=none in a hidden frame needs SESSION_COOKIE_SAMESITE = "None". Serve them below the'
                " provider's domain, or silence this check."
            ),
            id="oidc_session.W006",
        )


def backchannel_logout_uris_that_the_guard_refuses() -> Iterator[CheckMessage]:
    """Look at addresses and at names of this machine alone: what a name leads to is seen when it is sent to."""
    try:
        uris = list(ClientLogoutSettings.objects.values_list("backchannel_logout_uri", flat=True))
    except DatabaseError:  # Not migrated yet.
        return
    refused = sorted({origin_of(uri) or "" for uri in uris if is_refused_for_certain(uri)})
    if refused:
        yield Warning(
            f"Back-channel logout URIs in private networks, which are not told: {', '.join(refused[:NAMED_AT_MOST])}.",
            hint=(
                "Add their hosts or their network to OAUTH2_PROVIDER:"
                ' "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["10.0.0.0/8"].'
            ),
            id="oidc_session.W011",
        )


def iframe_that_middleware_spoils() -> Iterator[CheckMessage]:
    try:
        response = _iframe_as_served()
    except (NoReverseMatch, ImportError):  # E006 and E003 tell.
        return
    spoiled = list(_spoiled_headers(response))
    if response.status_code != 200 or spoiled:
        yield Warning(
            f"The check_session_iframe arrives with status {response.status_code}, and with headers that a"
            f" middleware has put on it: {', '.join(spoiled) or 'none'}.",
            hint=(
                "Relying parties embed it, and caches keep it for everybody: it needs status 200, no cookie, no"
                " Vary: Cookie, and leave to stand in a frame."
            ),
            id="oidc_session.W007",
        )


def missing_tables() -> Iterator[CheckMessage]:
    """Look into the database, which no check without --deploy does."""
    database = router.db_for_write(OPSession)
    try:
        found = connections[database].introspection.table_names()
    except DatabaseError:  # There is none yet: whoever serves the site will hear of that.
        return
    if OPSession._meta.db_table not in found:
        yield Warning(
            f"The tables of oidc_session are missing in the database {database!r}.",
            hint=f"Run: python manage.py migrate oidc_session --database {database}.",
            id="oidc_session.W009",
        )


WITH_SESSION_MANAGEMENT = (short_default_session_key, relying_parties_of_other_sites, iframe_that_middleware_spoils)


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    rules = [missing_tables]
    if conf.SESSIONS_ENABLED:
        rules.append(plain_http)
    if conf.SESSION_MANAGEMENT_ENABLED:
        rules += WITH_SESSION_MANAGEMENT
    if conf.BACKCHANNEL_LOGOUT_ENABLED:
        rules += (backchannel_logout_uris_that_the_guard_refuses, *task_checks.DEPLOY_RULES)
    return [message for rule in rules for message in rule()]


def some_of(names: list[str]) -> str:
    """Return the first of many names, and the number of the rest."""
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return f"{', '.join(names[:NAMED_AT_MOST])}{more}"


def origins_of_clients() -> set[str]:
    applications = get_application_model()._default_manager.values_list("redirect_uris", flat=True)
    try:
        uris = " ".join(applications).split()
    except DatabaseError:  # Not migrated yet.
        return set()
    return {origin for uri in uris if (origin := origin_of(uri))}


def _iframe_as_served() -> HttpResponseBase:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": reverse("oauth2_provider:check-session-iframe"),
        "SERVER_NAME": _allowed_host(),
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        header, value = settings.SECURE_PROXY_SSL_HEADER
        environ[header] = value
    return WSGIHandler().get_response(WSGIRequest(environ))


def _allowed_host() -> str:
    hosts = [urlsplit(oauth2_settings.OIDC_ISS_ENDPOINT).hostname, *settings.ALLOWED_HOSTS]
    return next((host.removeprefix(".") for host in hosts if host and host != "*"), "localhost")


def _spoiled_headers(response: HttpResponseBase) -> Iterator[str]:
    if "X-Frame-Options" in response:
        yield "X-Frame-Options"
    if response.cookies:
        yield "Set-Cookie"
    if has_vary_header(response, "Cookie"):
        yield "Vary"
    if "frame-ancestors *" not in response.get("Content-Security-Policy", ""):
        yield "Content-Security-Policy"
