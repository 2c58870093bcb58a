"""What is kept of the browser of a session; the settings turn each off."""

import ipaddress

from django.http import HttpRequest

from oidc_session.conf import conf


def user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:255] if conf.SESSION_STORE_USER_AGENT else ""


def address(request: HttpRequest) -> str | None:
    if not conf.SESSION_STORE_ADDRESS:
        return None
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
