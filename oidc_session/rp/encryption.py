"""What is kept of a person, encrypted at rest, and readable only in its own place."""

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from oidc_session.rp.conf import conf

SALT = "oidc_session.rp.encryption"


def seal(text: str, place: str) -> str:
    """Encrypt a text by the first of the keys, for one place."""
    return _fernet().encrypt(f"{place}\n{text}".encode()).decode()


def unseal(sealed: str, place: str) -> str | None:
    """Return the text; None where it was sealed for another place, or by a key that we no longer have."""
    try:
        found, _, text = _fernet().decrypt(sealed).decode().partition("\n")
    except InvalidToken:
        return None
    return text if found == place else None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(secret)) for secret in _secrets()])


def _fernet_key(secret: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac(SALT, "", secret, algorithm="sha256").digest())


def _secrets() -> Iterable[str | bytes]:
    return conf.encryption_keys or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
