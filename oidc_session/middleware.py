"""The middleware that keeps the cookie of OpenID Connect Session Management 1.0, "OP iframe"."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from oidc_session import browser_state
from oidc_session.conf import conf


class SessionManagementMiddleware:
    """Tell the browser of each login and logout that a response brings; stands below AuthenticationMiddleware."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.__acall__(request)
        response = self.get_response(request)
        if has_news(request, response):
            browser_state.write_cookie(request, response)
        return response

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        if has_news(request, response):
            await request.session.aget(SESSION_KEY)  # Loads it: what follows reads memory.
            browser_state.write_cookie(request, response)
        return response


def has_news(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the session was touched, and will be stored with this response (a server error's is not)."""
    return conf.SESSION_MANAGEMENT_ENABLED and request.session.accessed and response.status_code < 500
