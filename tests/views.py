"""Views that touch the session, or don't."""

from django.contrib.auth import get_user_model, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt


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


def cycle(request: HttpRequest) -> HttpResponse:
    request.session.cycle_key()
    return HttpResponse("cycled")


@csrf_exempt
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password, or as an administrator somebody else's."""
    user = get_user_model().objects.get(username=request.GET.get("of", request.user.get_username()))
    user.set_password(request.POST["password"])
    user.save()
    if user == request.user:
        update_session_auth_hash(request, user)
    return HttpResponse("changed")
