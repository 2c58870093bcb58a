"""OpenID Connect Front-Channel Logout 1.0, "Relying Party Logout Functionality": the provider shows this in a frame."""

import logging
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from oidc_session.rp import cookies, django_session
from oidc_session.rp.answers import provider_or_404
from oidc_session.rp.conf import Provider
from oidc_session.rp.stores import store
from oidc_session.rp.visit import Visit, visitor_of

logger = logging.getLogger(__name__)


@login_not_required
@xframe_options_exempt
@never_cache
@require_GET
def frontchannel_logout(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    iss, sid = request.GET.getlist("iss"), request.GET.getlist("sid")
    visit = visitor_of(request)[name]
    if not iss and not sid:
        return _end(request, visit) if _is_in_frame(request) else _document(provider)
    if iss != [provider.issuer] or len(sid) != 1 or not sid[0]:
        logger.warning("Front-channel logout refused provider=%s", name)
        return _document(provider, 400)
    session = visit.look()
    store().remove_all(provider.issuer, sid=sid[0])
    return _end(request, visit) if session and session.sid == sid[0] else _document(provider)


def _is_in_frame(request: HttpRequest) -> bool:
    """Whether a frame asks, and no link: Fetch Metadata Request Headers, "Sec-Fetch-Dest"."""
    return request.headers.get("Sec-Fetch-Dest") == "iframe"


def _end(request: HttpRequest, visit: Visit) -> HttpResponse:
    """End the session of this browser, whose cookie came along."""
    visit.forget()
    django_session.end(request)
    response = _document(visit.provider)
    cookies.forget_handle(response, visit.name)
    return response


def _document(provider: Provider, status: int = 200) -> HttpResponse:
    """Return a document without anything, for frames of the provider alone."""
    response = HttpResponse(status=status)
    parts = urlsplit(provider.issuer)
    origin = f"{parts.scheme}://{parts.netloc}"
    response["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors {origin}"
    return response
