from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from testproject.environment import ISSUER, RP_URL, SECOND_RP_URL
from testproject.op.models import Fault


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    addresses = {"issuer": ISSUER, "application_url": RP_URL, "second_application_url": SECOND_RP_URL}
    return render(request, "op/home.html", addresses | {"faults": Fault.objects.order_by("client_id")})


def no_icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)
