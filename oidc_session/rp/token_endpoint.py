"""OpenID Connect Core 1.0, "Token Endpoint" and "Using Refresh Tokens"."""

import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from oidc_session.rp.conf import Provider
from oidc_session.rp.discovery import endpoint
from oidc_session.rp.exceptions import ProviderUnavailable, TokenRequestRefused
from oidc_session.rp.http import Answer, call

MOMENTARY_ERRORS = ("server_error", "temporarily_unavailable", "slow_down")
NO_ERROR_CHARACTERS = re.compile(r"[^ !#-\[\]-~]")


@dataclass(frozen=True)
class Tokens:
    """A successful token response; what is absent is empty."""

    access_token: str = field(repr=False)
    id_token: object = field(default=None, repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float = 0


def redeem(provider: Provider, code: str, *, redirect_uri: str, code_verifier: str) -> Tokens:
    """Exchange a code; raise TokenRequestRefused or ProviderUnavailable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
    }
    return _tokens(provider, _ask(provider, form))


def refresh(provider: Provider, refresh_token: str) -> Tokens:
    """See redeem()."""
    return _tokens(provider, _ask(provider, {"grant_type": "refresh_token", "refresh_token": refresh_token}))


def plain_error(error: str) -> str:
    """Return an error code with what RFC 6749, "Error Response", allows in it: it is shown and logged."""
    return NO_ERROR_CHARACTERS.sub("?", error)[:80]


def _ask(provider: Provider, form: dict[str, str]) -> Answer:
    method, request = provider.token_endpoint_auth_method, dict[str, Any](data=form)
    if method == "client_secret_basic":
        request["auth"] = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    else:
        form["client_id"] = provider.client_id
    if method == "client_secret_post":
        form["client_secret"] = provider.client_secret
    return call(provider, "POST", endpoint(provider, "token_endpoint"), **request)


def _tokens(provider: Provider, answer: Answer) -> Tokens:
    body = answer.body or {}
    error = body.get("error")
    if answer.is_momentary_failure or error in MOMENTARY_ERRORS:
        raise ProviderUnavailable(f"{provider.name} answered with status {answer.status}.", answer.retry_after)
    if isinstance(error, str):
        raise TokenRequestRefused(plain_error(error))
    access_token, refresh_token = body.get("access_token"), body.get("refresh_token")
    if answer.status != 200 or not isinstance(access_token, str) or str(body.get("token_type")).lower() != "bearer":
        raise ProviderUnavailable(f"{provider.name} answered with no token, and status {answer.status}.")
    return Tokens(
        access_token=access_token,
        id_token=body.get("id_token"),
        refresh_token=refresh_token if isinstance(refresh_token, str) else "",
        expires_at=_expires_at(body.get("expires_in")),
    )


def _expires_at(expires_in: object) -> float:
    seconds = int(expires_in) if isinstance(expires_in, int | str) and str(expires_in).isdecimal() else 0
    return time.time() + seconds if seconds else 0
