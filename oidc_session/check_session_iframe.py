"""The document at check_session_iframe: OpenID Connect Session Management 1.0, "OP iframe"."""

import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from oidc_session import inline_script
from oidc_session.conf import conf

SCRIPT = "check_session.js"
YEAR, DAY = 31_536_000, 86_400
CONTENT_SECURITY_POLICY = "Content-Security-Policy"
ISOLATION = {  # Without them a cross-origin isolated page has no frame.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def versioned(url: str) -> str:
    """Return the URL with the version of the document behind it, so that caches may keep it for good."""
    return f"{url}?v={_version(current_document())}"


def forget_cookies(request: HttpRequest) -> None:
    """Let no middleware that comes later answer a cookie: the response belongs to everybody."""
    request.COOKIES = {}
    if hasattr(request, "session"):
        request.session = type(request.session)()


def iframe_response(request: HttpRequest) -> HttpResponse:
    document = current_document()
    current = request.GET.get("v") == _version(document)
    response = HttpResponse(document)
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else f"public, max-age={DAY}"
    response[CONTENT_SECURITY_POLICY] = content_security_policy()
    for name, value in ISOLATION.items():
        response[name] = value
    return response


def content_security_policy() -> str:
    return (
        f"default-src 'none'; script-src {inline_script.csp_hash(SCRIPT)}; connect-src 'self';"
        " base-uri 'none'; frame-ancestors *"
    )


def current_document() -> str:
    """Return the document as these settings make it."""
    interval = conf.SESSION_STATUS_INTERVAL
    return _document(conf.COOKIE_NAME, reverse("oauth2_provider:session-status") if interval else "", interval)


@cache
def _document(cookie_name: str, status_url: str, status_interval: float) -> str:
    context = {
        "cookie_name": cookie_name,
        "status_url": status_url,
        "status_interval": status_interval,
        "script": inline_script.source(SCRIPT),
    }
    return render_to_string("oidc_session/check_session_iframe.html", context)


@cache
def _version(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:12]
