"""The quiet status request: the OP iframe asks whether the browser's session has ended on the server.

It loads no session and prolongs none. OpenID Connect Session Management 1.0, "OP iframe".
"""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from oidc_session import metrics, shown_session


def status_response(request: HttpRequest) -> HttpResponse:
    """Answer with nothing, and with the cookie of a signed-out browser where the session has ended."""
    is_over = shown_session.is_over(request)
    metrics.status_requested(is_over)
    if is_over:
        logout(request)
    elif settings.SESSION_SAVE_EVERY_REQUEST:
        del request.session  # Otherwise Django would prolong it.
    response = HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    return response
