"""What a browser is given: the cookie of the OP user agent state, and `session_state`."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from oauth2_provider.models import get_application_model

from oidc_session import cookie_checks
from oidc_session.conf import conf
from oidc_session.doctor.findings import Finding, error, fine
from oidc_session.doctor.site import Site
from oidc_session.origins import origin_of

VERIFIER_HASH = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, Appendix B: no code is asked for.


def cookie(site: Site) -> Iterator[Finding]:
    """Look at the cookie as it arrives with an answer of the authorization endpoint."""
    found = _attributes(_silent_answer(site))
    if found is None:
        yield error(
            f"no cookie {conf.COOKIE_NAME} arrives",
            "Let the proxy hand on Set-Cookie (nginx: no proxy_hide_header Set-Cookie), and keep in MIDDLEWARE:"
            ' "oidc_session.middleware.SessionManagementMiddleware".',
        )
        return
    iframe = urlsplit(site.endpoint("check_session_iframe"))
    if "httponly" in found:
        yield error("HttpOnly: the iframe can't read it", "Take HttpOnly from it. nginx: no proxy_cookie_flags for it.")
    yield from _flags_over_https(found, iframe.scheme)
    if not cookie_checks.contains(found.get("path") or "/", iframe.path):
        yield error(
            f"Path={found['path']}, which has no {iframe.path}",
            'Write SESSION_COOKIE_PATH = "/", and take proxy_cookie_path from the proxy.',
        )
    domain = found.get("domain", "").removeprefix(".").lower()
    host = iframe.hostname or ""
    if domain and host != domain and not host.endswith(f".{domain}"):
        yield error(
            f"Domain={domain}, which has no {host}",
            "Write SESSION_COOKIE_DOMAIN = None, and take proxy_cookie_domain from the proxy.",
        )


def session_state(site: Site) -> Iterator[Finding]:
    """Ask as a registered application for nobody: the error response has a session_state, too."""
    application = _application()
    if application is None:
        yield fine("no application is registered to ask for")
        return
    answer = _silent_answer(site)
    location = answer.headers.get("Location", "")
    redirect_uri = _redirect_uri(application)
    if not location.startswith(redirect_uri.partition("?")[0]):
        yield error(
            f"prompt=none is answered by status {answer.status_code}, and not sent on to {origin_of(redirect_uri)}",
            f"Let the proxy hand on {urlsplit(answer.url).path} to Django, without a login page of its own before it.",
        )
    elif "session_state" not in parse_qs(urlsplit(location).query):
        yield error(
            "an error response has no session_state",
            "Let the proxy hand on Location as it is, and put oidc_session.authorization_mixin.AuthorizationMixin first"
            " among the bases of an AuthorizationView of your own.",
        )


QUESTIONS = (cookie, session_state)


def _flags_over_https(found: Mapping[str, str], scheme: str) -> Iterator[Finding]:
    if scheme != "https":
        return
    if "secure" not in found:
        yield error(
            "no Secure: browsers refuse it in the iframe",
            "nginx: proxy_set_header X-Forwarded-Proto $scheme; and in the settings: SECURE_PROXY_SSL_HEADER ="
            ' ("HTTP_X_FORWARDED_PROTO", "https").',
        )
    if (samesite := found.get("samesite", "missing")).lower() != "none":
        yield error(
            f"SameSite is {samesite}: it does not reach the iframe in pages of other sites",
            "Leave SameSite=None to it. nginx: no proxy_cookie_flags for it. Django sends it where it knows of https.",
        )


def _attributes(answer: requests.Response) -> dict[str, str] | None:
    """Return the attributes of our cookie, without its value, by names in small letters; the last of many counts."""
    attributes = None
    for header in answer.raw.headers.getlist("Set-Cookie"):
        name, *rest = (part.strip().partition("=") for part in header.split(";"))
        if name[0] == conf.COOKIE_NAME:
            attributes = {attribute.lower(): value for attribute, _, value in rest}
    return attributes


def _silent_answer(site: Site) -> requests.Response:
    """Ask who is signed in, as an application that is registered; without one it is an error that sets the cookie."""
    application = _application()
    asked = {"response_type": "code", "scope": "openid", "prompt": "none", "state": "doctor", "nonce": "doctor"}
    asked |= {"code_challenge": VERIFIER_HASH, "code_challenge_method": "S256"}
    if application is not None:
        asked |= {"client_id": application.client_id, "redirect_uri": _redirect_uri(application)}
    return site.get(site.endpoint("authorization_endpoint"), **asked)


def _application() -> Any:
    model = get_application_model()
    grants = (model.GRANT_AUTHORIZATION_CODE, model.GRANT_OPENID_HYBRID)
    asking = model._default_manager.filter(authorization_grant_type__in=grants).exclude(algorithm=model.NO_ALGORITHM)
    return next(filter(_redirect_uri, asking.order_by("pk")[:100]), None)


def _redirect_uri(application: Any) -> str:
    return next((str(uri) for uri in application.redirect_uris.split() if origin_of(uri)), "")
