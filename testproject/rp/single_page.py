"""Another relying party: a page with oidc-client-ts, which this server hands out and knows nothing of."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from testproject.environment import SAMPLE_SPA_ID


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/spa.html", client())


@require_GET
@never_cache
@xframe_options_sameorigin
def callback(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/spa_callback.html", client())


def client() -> dict[str, str]:
    return {"issuer": settings.RP_ISSUER, "client_id": SAMPLE_SPA_ID, "scope": settings.RP_SCOPE}
