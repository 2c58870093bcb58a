"""The refresh of a session: one at a time whoever asks, and nobody is signed out for a hiccup."""

import logging
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from oidc_session.rp import token_endpoint
from oidc_session.rp.claims import claims_of, groups_of
from oidc_session.rp.conf import Provider, conf, provider_named
from oidc_session.rp.exceptions import InvalidToken, ProviderUnavailable, TokenRequestRefused, UserinfoRefused
from oidc_session.rp.id_token import continued
from oidc_session.rp.lease import Lease
from oidc_session.rp.session import Expiry, Session
from oidc_session.rp.signed_token import Claims
from oidc_session.rp.stores import store
from oidc_session.rp.token_endpoint import Tokens

logger = logging.getLogger(__name__)

CALLS = 4  # At most: the token endpoint, userinfo, and the metadata or keys of one of them.
LOOK_AGAIN = 0.05  # Seconds between two looks at what somebody else is doing.
LONGEST_BACK_OFF = 60.0


class Outcome(StrEnum):
    """What became of a refresh."""

    REFRESHED = "refreshed"
    EXPIRED = "session_expired"
    UNAVAILABLE = "provider_unavailable"
    CONFIGURATION = "provider_refuses_application"
    RESTRICTED = "access_denied"
    INVALID = "session_ended"
    GONE = "signed_out"


@dataclass(frozen=True)
class Result:
    """True when the session is fresh; `session` is None where there is none any more."""

    outcome: Outcome
    session: Session | None

    def __bool__(self) -> bool:
        return self.outcome == Outcome.REFRESHED


def refresh(session: Session, *, wait: bool = True) -> Result:
    """Refresh a session, or take the result of who is doing so at this moment.

    Without `wait` nothing is waited for: the session stays as it is where somebody else is at it.
    """
    lease = Lease(session.key)
    found = _turn_or_result(session, lease, wait)
    if found is not None:
        return found
    with lease.held():
        current = store().get(session.key)
        if current is None or current.attempts != session.attempts:
            return _result_of(current)
        return _attempt(current)


def _turn_or_result(session: Session, lease: Lease, wait: bool) -> Result | None:
    """Wait for the lease, and return None with it; a result, if somebody else brings one."""
    deadline = time.monotonic() + _patience()
    while not lease.take():
        news = _news(session)
        if news is not None:
            return news
        if not wait or time.monotonic() > deadline:
            return Result(Outcome.UNAVAILABLE, session)
        time.sleep(LOOK_AGAIN)
    return None


def _news(session: Session) -> Result | None:
    """Return what somebody else has made of a session since we read it; None where that is nothing."""
    current = store().get(session.key)
    same = current is not None and current.attempts == session.attempts
    return None if same else _result_of(current)


def _result_of(current: Session | None) -> Result:
    return Result(Outcome(current.outcome), current) if current else Result(Outcome.GONE, None)


def _patience() -> float:
    """Return for how many seconds to wait for somebody else: longer than all calls of a refresh take."""
    return CALLS * (conf.connect_timeout + conf.read_timeout) * 1.5


def _attempt(session: Session) -> Result:
    if session.expiry is not None:
        by_configuration = session.expiry == Expiry.CONFIGURATION
        return Result(Outcome.CONFIGURATION if by_configuration else Outcome.EXPIRED, session)
    if not session.refresh_token:
        return _expire(session, Expiry.NO_REFRESH_TOKEN, Outcome.EXPIRED)
    provider = provider_named(session.provider)
    try:
        return _accept(provider, session, token_endpoint.refresh(provider, session.refresh_token))
    except TokenRequestRefused as error:
        return _refused(session, error)
    except ProviderUnavailable as error:
        return _postpone(session, error)


def _accept(provider: Provider, session: Session, tokens: Tokens) -> Result:
    """Take new tokens: the refresh token before all else, because the old one may be of no use any more."""
    kept = store().replace(replace(session, refresh_token=tokens.refresh_token or session.refresh_token))
    if kept is None:
        return Result(Outcome.GONE, None)
    try:
        id_claims = _id_claims(provider, session, tokens)
        return _renew(provider, kept, tokens, id_claims)
    except InvalidToken as error:
        logger.error("Session ended provider=%s reason=%s", provider.name, error)
        store().remove(session.key)
        return Result(Outcome.INVALID, None)
    except ProviderUnavailable as error:
        return _postpone(replace(kept, claims_stale=True), error)


def _id_claims(provider: Provider, session: Session, tokens: Tokens) -> Claims:
    if tokens.id_token is None and not provider.refresh_needs_id_token:
        return session.id_claims
    return continued(provider, tokens.id_token, before=session.id_claims, access_token=tokens.access_token)


def _renew(provider: Provider, session: Session, tokens: Tokens, id_claims: Claims) -> Result:
    now = time.time()
    fresh: dict[str, Any] = {
        "access_token": tokens.access_token,
        "id_token": str(tokens.id_token or session.id_token),
        "expires_at": tokens.expires_at or max(id_claims["exp"], now),
        "refreshed_at": now,
        "id_claims": id_claims,
        "failures": 0,
        "retry_at": 0,
        "claims_stale": False,
    }
    try:
        claims = claims_of(provider, id_claims, tokens.access_token)
    except UserinfoRefused as error:
        logger.warning("Access withdrawn provider=%s reason=%s", provider.name, error)
        return _done(session, Outcome.RESTRICTED, **fresh, claims=id_claims, groups=[], restricted=True)
    groups = groups_of(provider, claims)
    return _done(session, Outcome.REFRESHED, **fresh, claims=claims, groups=groups, restricted=False)


def _refused(session: Session, error: TokenRequestRefused) -> Result:
    if error.error != "invalid_grant":
        logger.error("Refresh refused provider=%s error=%s", session.provider, error.error)
        return _expire(session, Expiry.CONFIGURATION, Outcome.CONFIGURATION)
    current = store().get(session.key)  # A second look: whoever was faster has used our token up.
    if current is None or current.attempts != session.attempts:
        return _result_of(current)
    if current.refresh_token != session.refresh_token:
        return Result(Outcome.UNAVAILABLE, current)  # They are at it still.
    return _expire(session, Expiry.REFUSED, Outcome.EXPIRED)


def _expire(session: Session, expiry: Expiry, outcome: Outcome) -> Result:
    """Keep of a session what the next login needs, and no token that gives access."""
    logger.info("Session expired provider=%s reason=%s", session.provider, expiry)
    return _done(session, outcome, expired_at=time.time(), expired_by=str(expiry), access_token="", refresh_token="")


def _postpone(session: Session, error: ProviderUnavailable) -> Result:
    """Leave a session as it is, and try again after a while that grows."""
    logger.warning("Refresh postponed provider=%s reason=%s", session.provider, error)
    back_off = max(error.retry_after, min(2.0**session.failures, LONGEST_BACK_OFF))
    retry_at = time.time() + back_off
    return _done(session, Outcome.UNAVAILABLE, failures=min(session.failures + 1, 10), retry_at=retry_at)


def _done(session: Session, outcome: Outcome, **changes: Any) -> Result:
    """Write what became of a refresh; where somebody else was faster, take theirs."""
    changed = replace(session, attempts=session.attempts + 1, outcome=str(outcome), **changes)
    written = store().replace(changed)
    if written is not None:
        return Result(outcome, written)
    news = _news(session)
    return Result(outcome, session) if news is None else news
