"""OpenID Connect Session Management 1.0, "OP iframe": tells a script of an open page which iframe it may ask."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_GET

from oidc_session.rp.answers import provider_or_404
from oidc_session.rp.conf import conf
from oidc_session.rp.discovery import endpoint
from oidc_session.rp.exceptions import ProviderUnavailable


@login_not_required
@require_GET
def check_session(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    try:
        iframe = endpoint(provider, "check_session_iframe")
    except ProviderUnavailable:
        response = JsonResponse({})
        add_never_cache_headers(response)
        return response
    response = JsonResponse({"check_session_iframe": iframe, "client_id": provider.client_id})
    patch_cache_control(response, max_age=conf.metadata_lifetime)
    return response
