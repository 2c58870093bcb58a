"""Our cookies: opaque, for scripts out of reach, and sent along on the way back from the provider."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from oidc_session.rp.conf import conf
from oidc_session.rp.handles import is_handle, mark


def session_key(request: HttpRequest, provider: str) -> str | None:
    """Return what the store knows the browser's session at a provider by; what is no handle of ours is none."""
    handle = request.COOKIES.get(_session_cookie(provider), "")
    return key_of(provider, handle) if is_handle(handle) else None


def key_of(provider: str, handle: str) -> str:
    return mark("session", provider, handle)


def set_handle(request: HttpRequest, response: HttpResponseBase, provider: str, handle: str) -> None:
    lifetime = conf.session_lifetime + conf.revivable_lifetime
    _set(request, response, _session_cookie(provider), handle, lifetime)


def forget_handle(response: HttpResponseBase, provider: str) -> None:
    response.delete_cookie(_session_cookie(provider), path=settings.SESSION_COOKIE_PATH)


def login_secret(request: HttpRequest, state: str) -> str:
    return request.COOKIES.get(_login_cookie(state), "")


def set_login_secret(request: HttpRequest, response: HttpResponseBase, state: str, secret: str) -> None:
    _set(request, response, _login_cookie(state), secret, conf.login_lifetime)


def forget_login_secret(response: HttpResponseBase, state: str) -> None:
    response.delete_cookie(_login_cookie(state), path=settings.SESSION_COOKIE_PATH)


def _set(request: HttpRequest, response: HttpResponseBase, name: str, value: str, seconds: int) -> None:
    options: dict[str, Any] = {"httponly": True, "samesite": "Lax"}
    secure = request.is_secure() or settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=seconds, path=settings.SESSION_COOKIE_PATH, secure=secure, **options)


def _session_cookie(provider: str) -> str:
    return f"{conf.cookie_name}_{provider}"


def _login_cookie(state: str) -> str:
    return f"{conf.cookie_name}.login.{mark(state)[:16]}"
