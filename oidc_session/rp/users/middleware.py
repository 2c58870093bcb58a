"""The middleware that makes `request.user` the user of `request.oidc`."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from oidc_session.rp.visit import visitor_of


class OIDCUserMiddleware:
    """Stands below AuthenticationMiddleware, whose user it leaves to who has no session at the default provider.

    Nothing is kept in Django's session: with the session at the provider, the user is gone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        _set_user(request)
        response: HttpResponseBase | Awaitable[HttpResponseBase] = self.get_response(request)
        return response


def _set_user(request: HttpRequest) -> None:
    others = request.user
    user: Any = SimpleLazyObject(lambda: _user_of(request) or others)
    request.user = user

    async def auser() -> Any:
        await sync_to_async(lambda: user.is_authenticated)()
        return user

    request.auser = auser


def _user_of(request: HttpRequest) -> Any:
    visitor = visitor_of(request)
    if not visitor.is_active or visitor.is_restricted:
        return None
    return authenticate(request, oidc_session=visitor.session)
