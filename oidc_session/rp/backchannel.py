"""OpenID Connect Back-Channel Logout 1.0: the provider tells us, server to server, whom it has signed out."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from oidc_session.rp import ended_sessions, logout_token
from oidc_session.rp.answers import provider_or_404
from oidc_session.rp.conf import Provider
from oidc_session.rp.exceptions import InvalidToken, RelyingPartyError
from oidc_session.rp.logout_token import LogoutToken

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def backchannel_logout(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    try:
        _end_sessions(_received(request, provider))
    except RelyingPartyError as error:
        logger.warning("Logout token refused provider=%s reason=%s", name, error)
        return JsonResponse({"error": "invalid_request", "error_description": str(error)}, status=400)
    return HttpResponse()


def _received(request: HttpRequest, provider: Provider) -> LogoutToken:
    sent = request.POST.getlist("logout_token")
    if len(sent) != 1:
        raise InvalidToken("The request must have one logout_token.")
    return logout_token.validated(provider, sent[0])


def _end_sessions(token: LogoutToken) -> None:
    """End the sessions once; a token whose logout failed may come again."""
    if not logout_token.is_first(token):
        raise InvalidToken("The token is not valid: jti was there before.")
    try:
        ended_sessions.end(token.iss, sid=token.sid, sub=token.sub)
    except Exception:
        logout_token.forget(token)
        raise
