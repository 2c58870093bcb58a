"""Where the provider tells this application of a logout: from server to server, and in a frame of its own page."""

import logging
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from testproject.rp import provider, visitor
from testproject.rp.exceptions import OIDCError

logger = logging.getLogger(__name__)


class FrontchannelLogoutForm(forms.Form):
    iss = forms.CharField()
    sid = forms.CharField(strip=False)


@cache_control(no_store=True)
@csrf_exempt
@require_POST
def backchannel_logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Back-Channel Logout 1.0, "Back-Channel Logout Response"."""
    tokens = request.POST.getlist("logout_token")
    try:
        claims = provider.logout_claims(tokens[0] if len(tokens) == 1 else "")
    except OIDCError as error:
        logger.warning("Logout token refused reason=%s", error)
        return JsonResponse({"error": "invalid_request"}, status=400)
    ended = visitor.end(**{name: claims[name] for name in ("sid", "sub") if name in claims})
    logger.info("Back-channel logout sessions=%s", ended)
    return HttpResponse()


@cache_control(no_store=True)
@xframe_options_exempt
@require_GET
def frontchannel_logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Front-Channel Logout 1.0, "Relying Party Logout Functionality": no cookie may get this far."""
    form = FrontchannelLogoutForm(request.GET)
    if form.is_valid() and form.cleaned_data["iss"] == settings.RP_ISSUER:
        logger.info("Front-channel logout sessions=%s", visitor.end(sid=form.cleaned_data["sid"]))
    response = HttpResponse()
    response["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors {issuer_origin()}"
    return response


def issuer_origin() -> str:
    parts = urlsplit(settings.RP_ISSUER)
    return f"{parts.scheme}://{parts.netloc}"
