"""What an authentication response makes of a login: Core 1.0, "Authentication using the Authorization Code Flow"."""

import logging
import time
from dataclasses import dataclass

from django.http import QueryDict

from oidc_session.rp import token_endpoint
from oidc_session.rp.claims import claims_of, groups_of
from oidc_session.rp.conf import Provider
from oidc_session.rp.cookies import key_of
from oidc_session.rp.discovery import metadata
from oidc_session.rp.exceptions import LoginFailed, LoginRefused, TokenRequestRefused
from oidc_session.rp.handles import new_handle
from oidc_session.rp.id_token import validated
from oidc_session.rp.reauthentication import require_recent
from oidc_session.rp.session import Session
from oidc_session.rp.transactions import Transaction

logger = logging.getLogger(__name__)

RESPONSE_PARAMETERS = ("code", "state", "iss", "error", "session_state")


@dataclass(frozen=True)
class Login:
    """A login that went well: the session, and the handle of it for the browser."""

    handle: str
    session: Session
    came_back_at: float


def finish(provider: Provider, transaction: Transaction, answer: QueryDict) -> Login:
    """Return the session that an authentication response brings; raise RelyingPartyError where it brings none."""
    came_back_at = time.time()
    _require_single(answer)
    _require_issuer(provider, answer)
    if "error" in answer:
        raise LoginRefused(token_endpoint.plain_error(answer.get("error", "")))
    tokens = _redeemed(provider, transaction, answer.get("code", ""))
    id_claims = validated(provider, tokens.id_token, nonce=transaction.nonce, access_token=tokens.access_token)
    require_recent(provider, id_claims, max_age=transaction.max_age, began_at=transaction.began_at)
    claims = claims_of(provider, id_claims, tokens.access_token)
    handle = new_handle()
    session = Session(
        key=key_of(provider.name, handle),
        provider=provider.name,
        id_claims=id_claims,
        claims=claims,
        groups=groups_of(provider, claims),
        expires_at=tokens.expires_at or id_claims["exp"],
        id_token=str(tokens.id_token),
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        session_state=answer.get("session_state", ""),
    )
    return Login(handle, session, came_back_at)


def _redeemed(provider: Provider, transaction: Transaction, code: str) -> token_endpoint.Tokens:
    try:
        return token_endpoint.redeem(
            provider, code, redirect_uri=transaction.redirect_uri, code_verifier=transaction.code_verifier
        )
    except TokenRequestRefused as error:
        level = logging.WARNING if error.error == "invalid_grant" else logging.ERROR
        logger.log(level, "Code refused provider=%s error=%s", provider.name, error.error)
        raise LoginFailed(str(error)) from None


def _require_single(answer: QueryDict) -> None:
    """RFC 6749, "Authorization Endpoint": no parameter comes twice."""
    if any(len(answer.getlist(name)) > 1 for name in RESPONSE_PARAMETERS):
        raise LoginFailed("A parameter of the answer comes twice.")


def _require_issuer(provider: Provider, answer: QueryDict) -> None:
    """RFC 9207: the answer of another provider is not taken for this one's."""
    promised = metadata(provider).get("authorization_response_iss_parameter_supported") is True
    if answer.get("iss", "" if promised else provider.issuer) != provider.issuer:
        raise LoginFailed("The answer is not from the provider that was asked.")
