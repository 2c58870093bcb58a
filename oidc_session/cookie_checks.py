"""The system checks of our cookie, of Django's session cookie, and of where the iframe can read them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.urls import NoReverseMatch, reverse
from oauth2_provider.settings import oauth2_settings

from oidc_session.conf import conf
from oidc_session.origins import origin_of
from oidc_session.withheld_cookie import session_cookie_samesite

COOKIE_NAME = re.compile(r"[\w.-]+", re.ASCII)


def bad_cookie_name() -> Iterator[CheckMessage]:
    taken = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    if conf.COOKIE_NAME in taken or not COOKIE_NAME.fullmatch(str(conf.COOKIE_NAME)):
        yield Error(
            "OIDC_SESSION_MANAGEMENT_COOKIE_NAME must be a cookie name that nothing else uses.",
            hint="It may have letters, digits, '_', '-' and '.'; leave it out for \"oidc_ua_agent_state\".",
            id="oidc_session.E008",
        )


def cookie_out_of_reach() -> Iterator[CheckMessage]:
    path = urlsplit(_iframe_endpoint()).path
    if path and not contains(settings.SESSION_COOKIE_PATH, path):
        yield Error(
            f"SESSION_COOKIE_PATH = {settings.SESSION_COOKIE_PATH!r} must contain the check_session_iframe, {path}.",
            hint='Our cookie has the same path, and the iframe could not read it. Write: SESSION_COOKIE_PATH = "/".',
            id="oidc_session.E009",
        )


def iframe_of_another_origin() -> Iterator[CheckMessage]:
    iframe, issuer = (origin_of(str(url)) for url in (conf.SESSION_IFRAME_ENDPOINT, oauth2_settings.OIDC_ISS_ENDPOINT))
    if iframe and issuer and iframe != issuer and not settings.SESSION_COOKIE_DOMAIN:
        yield Warning(
            f"OIDC_SESSION_IFRAME_ENDPOINT must be on the origin of OIDC_ISS_ENDPOINT, {issuer}.",
            hint=f"It is on {iframe}, where the browser has no cookie of ours. Leave it out to serve our own view.",
            id="oidc_session.W008",
        )


def session_cookie_lost_between_sites() -> Iterator[CheckMessage]:
    if session_cookie_samesite() == "strict":
        yield Warning(
            'SESSION_COOKIE_SAMESITE = "Strict" makes a person who comes from another site look signed out.',
            hint='Set it to "Lax", or to "None" where relying parties of other sites use prompt=none.',
            id="oidc_session.W002",
        )
    if session_cookie_samesite() == "none" and not settings.SESSION_COOKIE_SECURE:
        yield Warning(
            'Browsers refuse a session cookie with SESSION_COOKIE_SAMESITE = "None" that is not secure.',
            hint="Set SESSION_COOKIE_SECURE = True.",
            id="oidc_session.W003",
        )


RULES = (bad_cookie_name, cookie_out_of_reach, iframe_of_another_origin, session_cookie_lost_between_sites)


def _iframe_endpoint() -> str:
    try:
        return str(conf.SESSION_IFRAME_ENDPOINT or reverse("oauth2_provider:check-session-iframe"))
    except NoReverseMatch:  # E006 tells.
        return ""


def contains(cookie_path: str, path: str) -> bool:
    """Whether a browser sends a cookie along: RFC 6265, "Paths and Path-Match"."""
    return path == cookie_path or path.startswith(f"{cookie_path.rstrip('/')}/")
