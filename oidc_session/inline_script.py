"""Our scripts and styles as they stand inside a page: one request in all, allowed by their hash alone."""

import base64
import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "oidc_session"


@cache
def source(name: str, folder: Path = STATIC) -> str:
    return (folder / name).read_text(encoding="utf-8")


@cache
def csp_hash(name: str, folder: Path = STATIC) -> str:
    """Return the source expression of Content Security Policy Level 3, "Hash Source"."""
    digest = hashlib.sha256(source(name, folder).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
