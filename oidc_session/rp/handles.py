"""The handle that a browser holds, and what the store knows it by: nothing that is of use to a thief of the store."""

import hashlib
import json
import re
import secrets

HANDLE_BYTES = 32
SHAPE = re.compile(r"[\w-]{43}", re.ASCII)


def new_handle() -> str:
    return secrets.token_urlsafe(HANDLE_BYTES)


def is_handle(value: str) -> bool:
    return SHAPE.fullmatch(value) is not None


def mark(*parts: str) -> str:
    """Return the hash of some strings by which the store finds what belongs to them."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
