"""RFC 7636, "Proof Key for Code Exchange": who asked for a code proves it when he redeems it."""

import base64
import hashlib
import secrets

VERIFIER_BYTES = 32


def new_verifier() -> str:
    return secrets.token_urlsafe(VERIFIER_BYTES)


def s256(verifier: str) -> str:
    """Return the code challenge of the method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
