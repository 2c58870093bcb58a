"""Faults in the answers of the authorization, token and userinfo endpoints."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import async_only_middleware

from oidc_session.authentication_response import AuthenticationResponse
from testproject.op.faults.clients import client_id_of, endpoint_of
from testproject.op.faults.profile import Profile
from testproject.op.faults.registry import NO_FAULT, profile_of

logger = logging.getLogger(__name__)
View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@async_only_middleware  # A request that is held ends with its connection; no thread waits for it.
def fault_middleware(get_response: View) -> View:
    async def middleware(request: HttpRequest) -> HttpResponseBase:
        endpoint, profile = await sync_to_async(fault_of)(request)
        if profile.endpoint == endpoint and profile.holds:
            await hold(profile.seconds)
        if profile.endpoint == endpoint and profile.answer:
            return profile.answer()
        response = await get_response(request)
        if endpoint == "authorize" and profile.callback:
            change_callback(request, response, profile)
        return response

    return middleware


def fault_of(request: HttpRequest) -> tuple[str, Profile]:
    endpoint = endpoint_of(request)
    return endpoint, profile_of(client_id_of(request, endpoint)) if endpoint else NO_FAULT


async def hold(seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        logger.info("The client of a held answer has gone.")
        raise


def change_callback(request: HttpRequest, response: HttpResponseBase, profile: Profile) -> None:
    """Change the answer where it goes to the client, and not to the login page."""
    redirect_uri = request.POST.get("redirect_uri") or request.GET.get("redirect_uri", "")
    location = response.headers.get("Location", "")
    if not redirect_uri or not location.startswith(redirect_uri):
        return
    answer = AuthenticationResponse.parse(location, redirect_uri)
    changed = profile.callback(dict(answer.parameters))
    mode = "fragment" if "#" in location else "query"
    response.headers["Location"] = replace(answer, parameters=tuple(changed.items())).location(mode)
