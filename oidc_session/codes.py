"""The session behind a code, written in the code's own row: an authorization writes no row more than DOT's.

That row keeps the `claims` of the authentication request (OpenID Connect Core 1.0, "Requesting Claims using the
'claims' Request Parameter"). The session is written beside them, signed, and taken off when the code is redeemed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import connections
from oauthlib.common import Request

from oidc_session.models import Credential, RPSession

TIE = "oidc_session"


@dataclass(frozen=True)
class Tie:
    """What a code's row says of its session, as it was when the code was made."""

    sid: str
    auth_time: datetime


@contextmanager
def tied(request: Request, rp_session: RPSession | None) -> Iterator[None]:
    """Have the code that is made in this block remember its RP session, or that it has none."""
    asked = request.claims
    written = [rp_session.sid, rp_session.op_session.auth_time.isoformat()] if rp_session else []
    request.claims = {TIE: _signer().sign_object(written), "claims": asked}
    yield
    request.claims = asked


def take_tie(request: Request) -> Tie | None:
    """Take the session off the claims of a code that is being redeemed; None where it was made in none."""
    if not (isinstance(request.claims, dict) and TIE in request.claims):  # It is older than this app.
        return None
    try:
        written = _signer().unsign_object(str(request.claims[TIE]))
    except BadSignature:  # A client asked for a claim of this name, before this app was there.
        return None
    request.claims = request.claims["claims"] or {}
    return Tie(written[0], datetime.fromisoformat(written[1])) if written else None


def find(tie: Tie, application: Any) -> Credential | None:
    """Return the code with its RP session and OP session; None where that session is not there any more.

    Within a transaction they are locked: they do not end before what is handed out now is written.
    """
    found = RPSession.objects.filter(sid=tie.sid, application=application).select_related("op_session", "application")
    if connections[found.db].in_atomic_block:
        found = found.select_for_update(of=("self", "op_session"))
    rp_session = found.first()
    if rp_session is None:
        return None
    return Credential(rp_session=rp_session, kind=Credential.Kind.CODE, auth_time=tie.auth_time)


def _signer() -> Signer:
    return Signer(salt="oidc_session.codes")
