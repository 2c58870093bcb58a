"""OpenID Connect Core 1.0, "Authentication Request"."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from oidc_session.rp.conf import Provider
from oidc_session.rp.discovery import endpoint
from oidc_session.rp.pkce import s256
from oidc_session.rp.transactions import Transaction


def authentication_request_url(provider: Provider, transaction: Transaction, **parameters: str) -> str:
    """Return the address that starts a login at the provider; the settings' parameters replace none of ours."""
    theirs = provider.authorization_parameters
    ours = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": transaction.redirect_uri,
        "scope": provider.scope,
        "state": transaction.state,
        "nonce": transaction.nonce,
        "code_challenge": s256(transaction.code_verifier),
        "code_challenge_method": "S256",
    }
    if prompt := _prompt(theirs.get("prompt", ""), parameters.get("prompt", "")):
        ours["prompt"] = prompt
    return with_query(endpoint(provider, "authorization_endpoint"), {**theirs, **parameters, **ours})


def _prompt(theirs: str, ours: str) -> str:
    """Return what to ask the person for, of the settings and of us; `none` stands alone."""
    if "none" in (theirs, ours):
        return ours or theirs
    return " ".join(dict.fromkeys(f"{ours} {theirs}".split()))


def redirect_uri(request: HttpRequest, provider: Provider) -> str:
    callback = reverse("oidc_session_rp:callback", args=[provider.name])
    return provider.redirect_uri or request.build_absolute_uri(callback)


def with_query(address: str, parameters: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
