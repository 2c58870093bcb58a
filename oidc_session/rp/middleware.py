"""The middleware that gives each request its `oidc`."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers

from oidc_session.rp.return_to import APP_NAME
from oidc_session.rp.visit import Visitor


class RelyingPartyMiddleware:
    """Sets `request.oidc`; where a view uses it, the response is its person's alone, and kept by nobody.

    Nor does anybody keep an error of our own views, whoever makes it.
    """

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
        visitor = _set_visitor(request)
        return _marked(request, self.get_response(request), visitor)

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        visitor = _set_visitor(request)
        return _marked(request, await self.get_response(request), visitor)


def _set_visitor(request: HttpRequest) -> Visitor:
    visitor = Visitor(request)
    request.oidc = visitor  # type: ignore[attr-defined]
    return visitor


def _marked(request: HttpRequest, response: HttpResponseBase, visitor: Visitor) -> HttpResponseBase:
    if visitor.any_was_used:
        patch_vary_headers(response, ["Cookie"])
        patch_cache_control(response, no_store=True, private=True)
    if response.status_code >= 400 and _is_ours(request):
        add_never_cache_headers(response)
    return response


def _is_ours(request: HttpRequest) -> bool:
    return request.resolver_match is not None and APP_NAME in request.resolver_match.app_names
