"""{% load oidc_rp %}: the scripts of an open page."""

import time
from typing import Any

from django import template
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import RequestContext

from oidc_session.rp.access import login_url, visit_of
from oidc_session.rp.conf import conf
from oidc_session.rp.visit import Visit

register = template.Library()


@register.inclusion_tag("oidc_session_rp/watch.html", takes_context=True)
def oidc_watch(
    context: RequestContext, provider: str = "", poll: int = 30, iframe_poll: int = 5, anonymous: bool = False
) -> dict[str, Any]:
    """Watch the session at a provider, keep it fresh, and say so on the page when it is over.

    `poll` and `iframe_poll` are seconds between two questions to this site and to the provider's iframe, 0 asks never;
    with `anonymous`, who is not signed in is watched too, and signed in where the provider does so without a question.
    """
    request: HttpRequest = context["request"]
    visit = visit_of(request, provider)
    return {
        "visit": visit,
        "poll": poll,
        "iframe_poll": iframe_poll if visit.session_state or (anonymous and not visit.session) else 0,
        "login": login_url(visit.name, request.get_full_path()),
        "streams": isinstance(request, ASGIRequest),
        "refreshes_in": _refreshes_in(visit),
        "ahead": conf.refresh_ahead,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "csrf_token": get_token(request) if visit.is_active else "",
    }


def _refreshes_in(visit: Visit) -> float | None:
    """Return in how many seconds the access token expires; None where it can't be refreshed."""
    session = visit.session
    if session is None or not visit.is_active or not session.refresh_token:
        return None
    return max(session.expires_at - time.time(), 0)
