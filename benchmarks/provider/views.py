from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse


def sign_in(request: HttpRequest, name: str) -> HttpResponse:
    login(request, get_user_model().objects.get(username=name), "django.contrib.auth.backends.ModelBackend")
    return HttpResponse("signed in")


def untouched(request: HttpRequest) -> HttpResponse:
    return HttpResponse("untouched")


def person(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())
