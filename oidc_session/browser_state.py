"""The OP user agent state of OpenID Connect Session Management 1.0, "OP iframe", and the cookie that carries it.

A signed-in browser's state lives in its Django session. A signed-out browser's lives in its cookie alone, with a
tag by which every server process recognises it.
"""

import re
import secrets
import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from oidc_session.conf import conf
from oidc_session.withheld_cookie import session_cookie_withheld

SESSION_ENTRY = "_oidc_browser_state"
REQUEST_ATTRIBUTE = "_oidc_signed_out_state"
STATE_BYTES = 32
SHAPE = re.compile(
    r"[\w-]{43}(\.[\w-]{43})?", re.ASCII
)  # A state of a session, or of a signed-out browser and its tag.
SLACK = 0.1  # How much of its lifetime the cookie may lag behind a session that is prolonged.


def renew(session: SessionBase) -> None:
    """Give a signed-in browser a new state: somebody has signed in."""
    session[SESSION_ENTRY] = [secrets.token_urlsafe(STATE_BYTES), _session_ends(session)]


def current(request: HttpRequest) -> str:
    """Return the browser state that the response to this request leaves in the browser."""
    if SESSION_KEY in request.session:
        return _entry(request.session)[0]
    return _signed_out_state(request)


def write_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie where the browser's differs, or would not end with its session."""
    state = current(request)
    prolonged = _follow_session(request.session)
    if prolonged or request.COOKIES.get(conf.COOKIE_NAME) != state:
        _set_cookie(request, response, state)


def _entry(session: SessionBase) -> tuple[str, float | None]:
    """Return the state of a signed-in session, and when its cookie ends: seconds since 1970, None with the browser."""
    entry: tuple[str, float | None] | None = session.get(SESSION_ENTRY)
    if entry is None:  # Signed in before this app was installed, or without Django's signal.
        renew(session)
        entry = session[SESSION_ENTRY]
    return entry


def _signed_out_state(request: HttpRequest) -> str:
    sent = request.COOKIES.get(conf.COOKIE_NAME, "")
    if _is_signed_out_state(sent) or (SHAPE.fullmatch(sent) and session_cookie_withheld(request)):
        return sent  # In the second case somebody may be signed in: what the browser has is left alone.
    state: str = vars(request).setdefault(REQUEST_ATTRIBUTE, _signed_out_state_after(sent))
    return state


def _signed_out_state_after(sent: str) -> str:
    """Return a new state: the same for all requests under way at a logout, so that the browser sees one change."""
    follows = SHAPE.fullmatch(sent)
    return _signer().sign(_signer("next").signature(sent) if follows else secrets.token_urlsafe(STATE_BYTES))


def _is_signed_out_state(value: str) -> bool:
    try:
        _signer().unsign(value)
    except signing.BadSignature:
        return False
    return True


def _signer(purpose: str = "signed_out") -> signing.Signer:
    return signing.Signer(key=conf.DEFAULT_SESSION_KEY, fallback_keys=[], sep=".", salt=f"oidc_session.{purpose}")


def _set_cookie(request: HttpRequest, response: HttpResponseBase, state: str) -> None:
    secure = request.is_secure()
    response.set_cookie(
        conf.COOKIE_NAME,
        state,
        max_age=_max_age(request.session),
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=secure,
        httponly=False,  # The iframe's script reads it.
        samesite="None" if secure else "Lax",  # The iframe stands in pages of other sites.
    )


def _max_age(session: SessionBase) -> int | None:
    ends = _entry(session)[1] if SESSION_KEY in session else _session_ends(session)
    if ends is None:
        return None
    return round(max(ends - time.time(), SLACK * session.get_expiry_age()))


def _follow_session(session: SessionBase) -> bool:
    """Move the cookie's end to that of a session about to be saved; False where they are near enough."""
    if not (session.modified or settings.SESSION_SAVE_EVERY_REQUEST) or SESSION_KEY not in session:
        return False
    state, cookie_ends = _entry(session)
    session_ends = _session_ends(session)
    if cookie_ends is None or session_ends is None:
        moved = cookie_ends is not session_ends
    else:
        moved = abs(session_ends - cookie_ends) > SLACK * session.get_expiry_age()
    if moved:
        session[SESSION_ENTRY] = [state, session_ends]
    return moved


def _session_ends(session: SessionBase) -> float | None:
    if session.get_expire_at_browser_close():
        return None
    return time.time() + session.get_expiry_age()
