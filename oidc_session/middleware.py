"""The middleware that keeps the cookie of OpenID Connect Session Management 1.0, "OP iframe"."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from oidc_session import browser_state, last_activity, shown_session
from oidc_session.conf import conf
from oidc_session.current_request import current_request
from oidc_session.exceptions import TooManySessions


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
        if conf.SESSION_CHECK_EVERY_REQUEST and shows_ended_session(request):
            request.session.flush()
        token = current_request.set(request)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        if has_news(request, response):
            if last_activity.needs_note(request.session):
                last_activity.note(request.session)
            write_cookie(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say it on a page where a login was one too many."""
        if not isinstance(exception, TooManySessions):
            return None
        return render(request, "oidc_session/too_many_sessions.html", status=403)

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        if conf.SESSION_CHECK_EVERY_REQUEST and await sync_to_async(shows_ended_session)(request):
            await request.session.aflush()
        token = current_request.set(request)
        try:
            response = await self.get_response(request)
        finally:
            current_request.reset(token)
        if has_news(request, response):
            await request.session.aget(SESSION_KEY)  # Loads it: what follows reads memory.
            if last_activity.needs_note(request.session):
                await last_activity.anote(request.session)
            write_cookie(request, response)
        return response


def shows_ended_session(request: HttpRequest) -> bool:
    """Whether the browser's session has ended, for a project that wants that known with every request."""
    return conf.SESSIONS_ENABLED and shown_session.is_over(request)


def has_news(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the session was touched, and will be stored with this response (a server error's is not)."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed and response.status_code < 500 and conf.SESSIONS_ENABLED


def write_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    if conf.SESSION_MANAGEMENT_ENABLED:
        browser_state.write_cookie(request, response)
