"""Which client a request is of, before anybody has authenticated it: good enough to treat it badly."""

import hashlib
from base64 import b64decode
from urllib.parse import unquote

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from oauth2_provider.models import get_access_token_model


def endpoint_of(request: HttpRequest) -> str:
    """Return `authorize`, `refresh`, `user-info`, or nothing for what has no faults."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return ""
    name = match.url_name if match.app_name == "oauth2_provider" else ""
    if name == "token":
        return "refresh" if request.POST.get("grant_type") == "refresh_token" else ""
    return name if name in ("authorize", "user-info") else ""


def client_id_of(request: HttpRequest, endpoint: str) -> str | None:
    if endpoint == "user-info":
        return client_of_access_token(credentials(request, "Bearer") or request.POST.get("access_token", ""))
    asked = request.POST.get("client_id") or request.GET.get("client_id")
    return asked or client_of_password(credentials(request, "Basic"))


def credentials(request: HttpRequest, scheme: str) -> str:
    found, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if found.lower() == scheme.lower() else ""


def client_of_password(value: str) -> str:
    try:
        return unquote(b64decode(value).decode().partition(":")[0])
    except ValueError:
        return ""


def client_of_access_token(token: str) -> str | None:
    tokens = get_access_token_model().objects.filter(token_checksum=hashlib.sha256(token.encode()).hexdigest())
    return tokens.values_list("application__client_id", flat=True).first()
