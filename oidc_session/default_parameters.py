"""What an authentication request may leave out, and what then holds.

RFC 6749, "Access Token Scope" and "Dynamic Configuration" of a redirection endpoint.
"""

from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import AbstractApplication, get_application_model
from oauth2_provider.scopes import get_scopes_backend

from oidc_session.authentication_request import is_answer, parameter, set_parameter


def name_default_scopes(request: HttpRequest) -> None:
    """Write default scopes with `openid` into a request without any: oauthlib chooses the protocol before it does."""
    if parameter(request, "scope") or is_answer(request):
        return
    scopes = get_scopes_backend().get_default_scopes(application=_clients(request).first())
    if "openid" in scopes:
        set_parameter(request, "scope", " ".join(scopes))


def redirect_uri_of(request: HttpRequest) -> str:
    """Return the redirect URI of a request found to be valid: its own, or the only one that its client has."""
    requested = parameter(request, "redirect_uri")
    return requested or _clients(request).get().default_redirect_uri


def _clients(request: HttpRequest) -> QuerySet[AbstractApplication]:
    return get_application_model()._default_manager.filter(client_id=parameter(request, "client_id"))
