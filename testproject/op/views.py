from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from testproject.environment import ISSUER, RP_URL


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "op/home.html", {"issuer": ISSUER, "application_url": RP_URL})


def no_icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)
