"""`prompt=login` and `max_age` of OpenID Connect Core 1.0, "Authentication Request": a new login, not a skipped one.

Before the person is sent to the login page, the time is written into the request that leads back. A login from before
that time does not count then.
"""

import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone

from oidc_session.authentication_request import parameter
from oidc_session.conf import conf

MARK = "login_after"
SECONDS_TO_SIGN_IN = 900


def way_back(request: HttpRequest) -> str:
    """Return the request as it is to come back from the login page: without `prompt=login`, and with the time."""
    query = request.GET.copy()
    query[MARK] = signing.dumps(time.time(), salt=_salt(request))
    prompts = [prompt for prompt in query.pop("prompt", [""])[-1].split() if prompt != "login"]
    if prompts:
        query["prompt"] = " ".join(prompts)
    return f"{request.path}?{query.urlencode()}"


def login_after(request: HttpRequest) -> float | None:
    """Return when the person was sent to the login page for this request, in seconds since 1970; None if not."""
    if MARK not in request.GET:
        return None
    try:
        since: float = signing.loads(request.GET[MARK], salt=_salt(request), max_age=SECONDS_TO_SIGN_IN)
    except signing.BadSignature:
        return None
    return since


def to_login_page(request: HttpRequest, back: str) -> HttpResponseRedirect:
    """Send a person to the login page, which leads back; one of another site by an absolute address."""
    login_url = resolve_url(settings.LOGIN_URL)
    if urlsplit(login_url).netloc:
        back = request.build_absolute_uri(back)
    return redirect_to_login(back, login_url)


def is_too_old(auth_time: datetime) -> bool:
    """Whether a login is too long ago for its person to sign out everywhere without signing in again."""
    seconds = conf.SESSIONS_PAGE_REAUTHENTICATION_AGE
    return bool(seconds) and timezone.now() - auth_time > timedelta(seconds=seconds)


def _salt(request: HttpRequest) -> str:
    """Bind the mark to one request of one client."""
    parts = (parameter(request, name) for name in ("client_id", "state", "nonce", "max_age"))
    return " ".join(["oidc_session.login_prompt", *parts])
