"""The session_state value of OpenID Connect Session Management 1.0, "OP iframe"."""

import hashlib
import secrets

SALT_BYTES = 16


def session_state(client_id: str, origin: str, browser_state: str, salt: str) -> str:
    """Return the salted hash that one page of one client is told of the browser's login state.

    `check_session.js` computes the same in the browser, from the `event.origin` of who asks.
    """
    digest = hashlib.sha256(f"{client_id} {origin} {browser_state} {salt}".encode()).hexdigest()
    return f"{digest}.{salt}"


def new_salt() -> str:
    return secrets.token_urlsafe(SALT_BYTES)
