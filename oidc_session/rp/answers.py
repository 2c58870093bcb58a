"""Pages, and JSON for scripts, that tell why something is not to be had. They need no login: no way goes in circles."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from oidc_session.rp.conf import Provider, conf, provider_named
from oidc_session.rp.exceptions import (
    AuthenticationTooOld,
    LoginRefused,
    ProviderUnavailable,
    RelyingPartyError,
    UnknownProvider,
    UserinfoRefused,
)
from oidc_session.rp.refresh import Outcome

LOGIN_REQUIRED = "login_required"
LOGIN_FAILED = "login_failed"
LOGIN_REFUSED = "login_refused"
AUTHENTICATION_TOO_OLD = "authentication_too_old"
STATUS = {
    LOGIN_REQUIRED: 401,
    LOGIN_FAILED: 400,
    LOGIN_REFUSED: 400,
    AUTHENTICATION_TOO_OLD: 400,
    Outcome.EXPIRED: 401,
    Outcome.GONE: 401,
    Outcome.UNAVAILABLE: 503,
    Outcome.RESTRICTED: 403,
    Outcome.CONFIGURATION: 400,
    Outcome.INVALID: 400,
}
HEADINGS = {
    LOGIN_REQUIRED: _("Please sign in"),
    LOGIN_FAILED: _("Signing in did not work"),
    LOGIN_REFUSED: _("You are not signed in"),
    AUTHENTICATION_TOO_OLD: _("Please sign in at your provider again"),
    Outcome.EXPIRED: _("Your session has expired"),
    Outcome.GONE: _("You are signed out"),
    Outcome.UNAVAILABLE: _("Signing in is not possible for the moment"),
    Outcome.RESTRICTED: _("This is not for you"),
    Outcome.CONFIGURATION: _("Something is wrong between this site and its provider"),
    Outcome.INVALID: _("Your session has ended"),
}
TEXTS = {
    LOGIN_REQUIRED: _("This page is for people who are signed in."),
    LOGIN_FAILED: _(
        "What came back is no good answer to a login of this browser, or it took too long. Please try again."
    ),
    LOGIN_REFUSED: _("Your provider has not signed you in here, or you have changed your mind."),
    AUTHENTICATION_TOO_OLD: _(
        "Your provider did not say that you have just done so. If it does not ask you, sign out there, and try again."
    ),
    Outcome.EXPIRED: _("Sign in again, and go on where you were."),
    Outcome.GONE: _("Sign in again, and go on where you were."),
    Outcome.UNAVAILABLE: _("The provider does not answer. Please try again in a moment."),
    Outcome.RESTRICTED: _("You are signed in, and not allowed to see this page."),
    Outcome.CONFIGURATION: _("The provider refuses this site. Its administrators can see why in the log."),
    Outcome.INVALID: _("The provider's answer was not about you. Nothing of it was taken over."),
}


def refusal(request: HttpRequest, reason: str, **context: Any) -> HttpResponse:
    """Return the page that gives a reason; to a script, its name as JSON."""
    if wants_page(request):
        return page(request, HEADINGS[reason], TEXTS[reason], STATUS[reason], context)
    return error_json(reason)


def login_failure(request: HttpRequest, error: RelyingPartyError, login: str) -> HttpResponse:
    """Return the page on which a login ends that did not work; the person may begin another one."""
    reason: str = LOGIN_FAILED
    if isinstance(error, ProviderUnavailable):
        reason = Outcome.UNAVAILABLE
    elif isinstance(error, LoginRefused):
        reason = LOGIN_REFUSED
    elif isinstance(error, UserinfoRefused):
        reason = Outcome.RESTRICTED
    elif isinstance(error, AuthenticationTooOld):
        reason = AUTHENTICATION_TOO_OLD
    return refusal(request, reason, login=login, error=getattr(error, "error", ""))


def error_json(reason: str) -> JsonResponse:
    response = JsonResponse({"error": str(reason)}, status=STATUS[reason])
    add_never_cache_headers(response)
    return response


def page(
    request: HttpRequest, heading: object, text: object, status: int, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Return a page that ends a way."""
    shown = {"heading": heading, "text": text, "home": conf.home} | dict(context or {})
    response = render(request, "oidc_session_rp/page.html", shown, status=status)
    add_never_cache_headers(response)
    return response


def provider_or_404(name: str) -> Provider:
    """Return the provider that an address names."""
    try:
        return provider_named(name)
    except UnknownProvider:
        raise Http404 from None


def wants_page(request: HttpRequest) -> bool:
    """Whether a browser goes to a page, and not a script to data: Fetch Metadata Request Headers, "Sec-Fetch-Mode"."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode:
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    accepted = request.headers.get("Accept", "*/*")
    return "text/html" in accepted or "json" not in accepted
