"""The session cookie that a browser has and does not send: SameSite=Lax, and a request from another site."""

from django.conf import settings
from django.http import HttpRequest


def session_cookie_samesite() -> str:
    """Return the attribute as browsers read it, in lower case; empty where the cookie has none."""
    return str(settings.SESSION_COOKIE_SAMESITE or "").lower()


def session_cookie_withheld(request: HttpRequest) -> bool:
    """Whether the browser may have kept a session cookie back; to the server it looks as if there were none."""
    return (
        request.headers.get("Sec-Fetch-Site") == "cross-site"
        and session_cookie_samesite() != "none"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )
