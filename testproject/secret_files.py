"""Secrets of this machine: made at first use, never committed."""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from jwcrypto import jwk

from testproject.environment import VAR


def secret(name: str) -> str:
    """Return the secret from the environment variable, else the one kept under its name."""
    return os.environ.get(name) or kept(VAR / name.lower(), lambda: secrets.token_urlsafe(50))


def signing_key(name: str) -> str:
    """See secret(); an RSA private key in PEM."""
    return os.environ.get(name) or kept(VAR / f"{name.lower()}.pem", new_rsa_key)


def new_rsa_key() -> str:
    return jwk.JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=None).decode()


def kept(path: Path, make: Callable[[], str]) -> str:
    """Return what the file holds; processes that start together agree on the first one's."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        place(path, make())
    return path.read_text(encoding="utf-8")


def place(path: Path, text: str) -> None:
    """Create the file whole, unless somebody else was faster."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as draft:
        draft.write(text)
        draft.flush()
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return
