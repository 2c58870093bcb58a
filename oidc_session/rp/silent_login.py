"""A login in a hidden frame, which asks nobody anything: Core 1.0, "Authentication Request", prompt=none."""

from dataclasses import replace
from enum import StrEnum

from django.http import HttpRequest, HttpResponse

from oidc_session.rp.conf import conf
from oidc_session.rp.id_token import CONTINUED_IF_PRESENT
from oidc_session.rp.script_page import page_with_script
from oidc_session.rp.session import Session

NEEDS_THE_PERSON = ("interaction_required", "consent_required", "account_selection_required")
"""Errors that say nothing of who is there: what went before stands, and is watched by the new session_state."""


class Silent(StrEnum):
    """What a page learns of its silent login."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    FAILED = "failed"  # Nothing is known: the session stays as it is.


def parameters(session: Session | None) -> dict[str, str]:
    """Return what makes an authentication request silent; the hint, unless it makes the address too long."""
    hint = session.id_token if session else ""
    fits = hint and len(hint) <= conf.url_limit // 2
    return {"prompt": "none"} | ({"id_token_hint": hint} if fits else {})


def going_on(before: Session, now: Session) -> Session:
    """Return the session of a silent login, as far as it goes on with the one before: nobody has done anything.

    Without a question there may be no consent to a refresh token: Core 1.0, "Offline Access". The one that there is
    remains, and what its ID tokens must continue.
    """
    now = replace(now, started_at=before.started_at, used_at=before.used_at)
    if now.refresh_token or not before.refresh_token or now.sid != before.sid:
        return now
    continued = {name: before.id_claims[name] for name in CONTINUED_IF_PRESENT if name in before.id_claims}
    return replace(now, refresh_token=before.refresh_token, id_claims=now.id_claims | continued)


def answer(request: HttpRequest, provider: str, outcome: Silent, session_state: str = "") -> HttpResponse:
    """Return the document of the frame, which tells the page around it, if that is ours."""
    context = {"provider": provider, "outcome": outcome, "session_state": session_state, "home": conf.home}
    response = page_with_script(request, "oidc_session_rp/silent_login.html", "silent_login.js", context)
    response["Content-Security-Policy"] += "; frame-ancestors 'self'"
    response.xframe_options_exempt = True
    return response
