from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from testproject.environment import OP_URL, SAMPLE_SPA_ID
from testproject.rp import provider, visitor
from testproject.rp.exceptions import OIDCError


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/home.html", {"provider_url": OP_URL, "other_url": settings.OTHER_RP_URL} | watching())


@require_GET
@never_cache
@visitor.required
def members(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/members.html", watching())


def watching() -> dict[str, Any]:
    """Return what session_watch.js needs to know of the provider."""
    try:
        frame = provider.metadata().get("check_session_iframe", "")
        trouble = "" if frame else "This provider does not offer Session Management."
    except OIDCError as error:
        frame, trouble = "", str(error)
    return {"check_session_iframe": frame, "trouble": trouble, "client_id": settings.RP_CLIENT_ID}


@require_GET
@never_cache
def status(request: HttpRequest) -> JsonResponse:
    person = visitor.person(request.session)
    if person is None:
        return JsonResponse({"demo": {"state": "anonymous", "sub": None, "groups": [], "expires_at": None}})
    facts = {"sub": person.sub, "groups": person.groups, "expires_at": person.expires_at}
    return JsonResponse({"demo": {"state": "active"} | facts})


@require_GET
def spa(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/spa.html", single_page_client())


@require_GET
@never_cache
@xframe_options_sameorigin
def spa_callback(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/spa_callback.html", single_page_client())


def single_page_client() -> dict[str, str]:
    return {"issuer": settings.RP_ISSUER, "client_id": SAMPLE_SPA_ID, "scope": provider.SCOPE}


def no_icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)
