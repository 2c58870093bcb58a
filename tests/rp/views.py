from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import View

from oidc_session.rp.decorators import group_required, oidc_login_required
from oidc_session.rp.drafts import forget_drafts
from oidc_session.rp.mixins import OIDCLoginRequiredMixin


def home(request):
    return HttpResponse("home")


@oidc_login_required
def members(request):
    return HttpResponse(request.oidc.sub)


@oidc_login_required
async def amembers(request):
    return HttpResponse(request.oidc.sub)


@oidc_login_required(provider="other")
def others(request):
    return HttpResponse(request.oidc["other"].sub)


@group_required("staff", "board")
def staff(request):
    return HttpResponse("staff")


@group_required("staff")
async def astaff(request):
    return HttpResponse("staff")


class Members(OIDCLoginRequiredMixin, View):
    def get(self, request):
        return HttpResponse(request.oidc.sub)


class Staff(OIDCLoginRequiredMixin, View):
    oidc_groups = ["staff"]

    async def get(self, request):
        return HttpResponse("staff")


def tokens(request):
    return JsonResponse(request.oidc.tokens)


async def atokens(request):
    visit = await request.oidc.aload()
    return JsonResponse(visit.tokens)


def watched(request):
    return render(request, "rp/watched.html", {"options": request.GET})


async def awatched(request):
    await request.oidc.aload()
    return watched(request)


def call_refresh(request):
    return HttpResponse(str(request.oidc.refresh().outcome))


async def acall_refresh(request):
    result = await request.oidc.arefresh()
    return HttpResponse(str(result.outcome))


def form(request):
    """A form with a draft."""
    return render(request, "rp/form.html")


def accept_anybody(request):
    """Accept a form."""
    forget_drafts(request)
    return HttpResponse("accepted")


accept = oidc_login_required(accept_anybody)


def keep(request):
    """Keep something in Django's session."""
    request.session["kept"] = True
    return HttpResponse("kept")


def kept(request):
    return HttpResponse(str(request.session.get("kept", False)))


def user(request):
    return HttpResponse(request.user.get_username())


async def auser(request):
    return HttpResponse((await request.auser()).get_username())
