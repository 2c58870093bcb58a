"""An authentication request as OpenID Connect Core 1.0, "Authentication Request", has it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes

OP_SESSION = "oidc_session.op_session"
"""Where a view leaves the browser's OP session for the validator, in request.META: no HTTP header has such a name."""

READ_APPLICATION = "oidc_session.read_application"
"""Where a view lets the validator keep the application that it has read for this request, in request.META."""

NUMBER = re.compile(r"[0-9]{1,9}")  # Of seconds: nobody is signed in for longer.
CONSENT_FIELDS = ("csrfmiddlewaretoken", "allow")


@dataclass
class ReadApplication:
    """Not a dict: of one in request.META oauthlib makes a copy for each of its own requests."""

    application: Any = None


def parameter(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name) or ""


def set_parameter(request: HttpRequest, name: str, value: str) -> None:
    """Write a parameter into a request, where everybody who reads it later finds it."""
    posted = request.method == "POST"
    changed = (request.POST if posted else request.GET).copy()
    changed[name] = value
    query = changed.urlencode()
    if posted:
        request.POST = QueryDict(query)
    else:
        request.GET, request.META["QUERY_STRING"] = QueryDict(query), query


def is_openid(request: HttpRequest) -> bool:
    return "openid" in parameter(request, "scope").split()


def is_silent(request: HttpRequest) -> bool:
    return is_openid(request) and "none" in parameter(request, "prompt").split()


def is_answer(request: HttpRequest) -> bool:
    """Whether the person answers the consent page, and not a client posts a request."""
    return request.method == "POST" and (
        settings.CSRF_HEADER_NAME in request.META or not request.POST.keys().isdisjoint(CONSENT_FIELDS)
    )


def is_posted(request: HttpRequest) -> bool:
    """Whether a client posts an authentication request."""
    return request.method == "POST" and is_openid(request) and not is_answer(request)


def url_for_get(request: HttpRequest) -> str:
    """Return the address, on this server, that asks by GET what a client posts."""
    path = escape_leading_slashes(escape_uri_path(request.path))
    return f"{path}?{request.POST.urlencode()}"


def turn_into_get(request: HttpRequest) -> None:
    """Let a posted request be read like its equal by GET, the only one that DOT's view knows."""
    request.GET, request.POST = request.POST, QueryDict()
    request.META["QUERY_STRING"] = request.GET.urlencode()
    request.method = "GET"


def older_than(auth_time: datetime, max_age: str | None) -> bool:
    """Whether an authentication is older than a request's max_age, in seconds; what is no number asks for nothing."""
    if not max_age or not NUMBER.fullmatch(max_age):
        return False
    return (timezone.now() - auth_time).total_seconds() > int(max_age)


def ask_for_login(request: HttpRequest) -> None:
    """Add `prompt=login` to a request, for DOT's view to read."""
    set_parameter(request, "prompt", f"{parameter(request, 'prompt')} login".strip())
