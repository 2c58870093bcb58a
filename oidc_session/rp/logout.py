"""OpenID Connect RP-Initiated Logout 1.0, "RP-Initiated Logout"."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from oidc_session.rp.authentication_request import with_query
from oidc_session.rp.conf import Provider, conf
from oidc_session.rp.discovery import endpoint
from oidc_session.rp.script_page import page_with_script
from oidc_session.rp.session import Session


def end_session_response(request: HttpRequest, provider: Provider, session: Session) -> HttpResponse:
    """Send the browser to the provider, to end the session there too; raise ProviderUnavailable where that can't be."""
    address = endpoint(provider, "end_session_endpoint")
    back = {"post_logout_redirect_uri": provider.post_logout_redirect_uri or request.build_absolute_uri("/")}
    with_hint = {"client_id": provider.client_id, "id_token_hint": session.id_token} | back
    url = with_query(address, with_hint)
    if len(url) <= conf.url_limit:
        return HttpResponseRedirect(url)
    if provider.long_logout_hint == "post":
        return _form(request, address, with_hint)
    short = {"client_id": provider.client_id, "logout_hint": session.sid or session.sub} | back
    return HttpResponseRedirect(with_query(address, short))


def _form(request: HttpRequest, address: str, parameters: dict[str, Any]) -> HttpResponse:
    context = {"endpoint": address, "parameters": parameters}
    return page_with_script(request, "oidc_session_rp/logout_form.html", "logout_form.js", context)
