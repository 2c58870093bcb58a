"""Views that touch the session, or don't."""

from django.http import HttpRequest, HttpResponse


def untouched(request: HttpRequest) -> HttpResponse:
    return HttpResponse("untouched")


def person(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username() or "nobody")


async def auntouched(request: HttpRequest) -> HttpResponse:
    return HttpResponse("untouched")


async def aperson(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    return HttpResponse(user.get_username() or "nobody")


def modify(request: HttpRequest) -> HttpResponse:
    request.session["basket"] = request.session.get("basket", 0) + 1
    return HttpResponse("modified")


def fail(request: HttpRequest) -> HttpResponse:
    request.session["basket"] = 1
    return HttpResponse("failed", status=500)
