"""OpenID Connect Back-Channel Logout 1.0: the provider tells us, server to server, whom it has signed out."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from oidc_session.rp import ended_sessions, logout_token
from oidc_session.rp.answers import provider_or_404
from oidc_session.rp.exceptions import InvalidToken, ProviderUnavailable
from oidc_session.rp.logout_token import LogoutToken

logger = logging.getLogger(__name__)

RETRY_AFTER = 10  # Seconds.
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError)


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def backchannel_logout(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    try:
        _end_sessions(logout_token.validated(provider, _received(request)))
    except InvalidToken as error:
        logger.warning("Logout token refused provider=%s reason=%s", name, error)
        return _refusal(str(error))
    except ProviderUnavailable as error:
        logger.warning("Logout token not validated provider=%s reason=%s", name, error)
        return _refusal_for_now("The keys that sign tokens can't be had.")
    except Exception:
        logger.exception("Logout failed provider=%s", name)
        return _refusal_for_now("The logout failed.")
    return HttpResponse()


def _received(request: HttpRequest) -> str:
    try:
        sent = request.POST.getlist("logout_token")
    except UNREADABLE:
        raise InvalidToken("The request must be a form, and short.") from None
    if len(sent) != 1:
        raise InvalidToken("The request must have one logout_token.")
    return sent[0]


def _end_sessions(token: LogoutToken) -> None:
    """End the sessions, and only then take the token for used: what failed, or was cut short, may come again."""
    if logout_token.was_used(token):
        raise InvalidToken("The token is not valid: jti was there before.")
    ended_sessions.end(token.iss, sid=token.sid, sub=token.sub)
    logout_token.remember(token)


def _refusal(description: str) -> HttpResponse:
    """Back-Channel Logout 1.0, "Back-Channel Logout Response": 400 also where the logout failed."""
    return JsonResponse({"error": "invalid_request", "error_description": description}, status=400)


def _refusal_for_now(description: str) -> HttpResponse:
    response = _refusal(description)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
