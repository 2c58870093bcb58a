"""Django's session keys as an OP session keeps them: encrypted, and as a hash to find it by."""

import base64
from collections.abc import Iterator
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def encrypt(session_key: str) -> str:
    return _fernet().encrypt(session_key.encode()).decode()


def decrypt(encrypted: str) -> str | None:
    """Return the session key; None where SECRET_KEY has changed and is not in SECRET_KEY_FALLBACKS."""
    try:
        return _fernet().decrypt(encrypted).decode()
    except InvalidToken:
        return None


def keyed_hash(session_key: str) -> str:
    return next(keyed_hashes(session_key))


def keyed_hashes(session_key: str) -> Iterator[str]:
    """Return the hashes of a session key by each secret key that is still known, the current one first."""
    for secret in _secrets():
        yield salted_hmac("oidc_session.session_key_hash", session_key, secret, algorithm="sha256").hexdigest()


def _fernet() -> MultiFernet:
    return _fernet_of(tuple(_secrets()))


@lru_cache(maxsize=1)
def _fernet_of(secrets: tuple[str | bytes, ...]) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    salted_hmac("oidc_session.session_key", "", secret, algorithm="sha256").digest()
                )
            )
            for secret in secrets
        ]
    )


def _secrets() -> list[str | bytes]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
