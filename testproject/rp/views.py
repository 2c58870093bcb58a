from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oidc_session.rp.decorators import group_required, oidc_login_required
from oidc_session.rp.drafts import forget_drafts
from oidc_session.rp.visit import visitor_of
from testproject.environment import OP_URL


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/home.html", {"provider_url": OP_URL, "other_url": settings.OTHER_RP_URL})


@require_http_methods(["GET", "POST"])
@oidc_login_required
def members(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        forget_drafts(request)
    return render(request, "rp/members.html", {"sent": request.POST.get("draft", "")})


@require_GET
@group_required("staff")
def staff(request: HttpRequest) -> HttpResponse:
    return render(request, "rp/staff.html")


@require_POST
@oidc_login_required
def refresh_now(request: HttpRequest) -> HttpResponse:
    outcome = visitor_of(request).refresh().outcome
    return redirect("/?" + urlencode({"refreshed": outcome}))


def no_icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)
