"""What every store of sessions does."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from oidc_session.rp.encryption import seal, unseal
from oidc_session.rp.session import Session

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Glance:
    """What is read of a session without decrypting it."""

    version: int
    started_at: float
    used_at: float


class Store(ABC):
    """Keeps sessions by the hash of a handle; of two who write one version, the second is told so."""

    @abstractmethod
    def create(self, session: Session) -> None:
        """Keep a new session."""

    @abstractmethod
    def get(self, key: str) -> Session | None:
        """Return a session, whatever its state."""

    @abstractmethod
    def glance(self, keys: Iterable[str]) -> dict[str, Glance]:
        """Look at many sessions at once; those that are gone are missing."""

    @abstractmethod
    def replace(self, session: Session) -> Session | None:
        """Write a session over its own version, and return it; None where it is gone or was written meanwhile.

        A session that was removed is never made anew.
        """

    @abstractmethod
    def touch(self, key: str, used_at: float) -> None:
        """Note when a session was last used, whatever else happens to it."""

    @abstractmethod
    def remove(self, key: str) -> bool:
        """Forget a session; False where there was none."""

    @abstractmethod
    def remove_all(self, iss: str, *, sid: str = "", sub: str = "") -> None:
        """Forget the sessions of a provider's session, or of a person: either is given."""

    @abstractmethod
    def lease(self, key: str, owner: str, seconds: float) -> bool:
        """Take a session for oneself for so long from now on; False where somebody else has it."""

    @abstractmethod
    def release(self, key: str, owner: str) -> None:
        """Give a lease back, if it still is the owner's."""

    @abstractmethod
    def begin_login(self, key: str, sealed: str, seconds: int) -> None:
        """Keep a login that is under way for so long."""

    @abstractmethod
    def take_login(self, key: str) -> str | None:
        """Return a login that is under way to the first who asks; None to all others."""

    @abstractmethod
    def keep_draft(self, key: str, sealed: str, owner: str, seconds: int) -> bool:
        """Keep a draft for so long, in place of the last one; False where its owner has too many."""

    @abstractmethod
    def drafts(self, keys: list[str]) -> dict[str, str]:
        """Return those of these drafts that are there."""

    @abstractmethod
    def forget_drafts(self, keys: list[str]) -> None:
        """Forget these drafts."""

    @abstractmethod
    def clear_expired(self) -> int:
        """Forget what nobody can use any more, and return how many sessions that were."""

    @abstractmethod
    def count_expired(self) -> int:
        """Return how many sessions clear_expired() would forget."""


def sealed(session: Session) -> str:
    return seal(session.to_json(), session.key)


def unsealed(text: str, key: str, *, version: int, started_at: float, used_at: float) -> Session | None:
    """Return the session that was sealed; None where it can't be read any more."""
    found = unseal(text, key)
    if found is None:
        logger.warning("Session can't be decrypted key=%s", key[:8])
        return None
    return Session(key=key, version=version, started_at=started_at, used_at=used_at, **json.loads(found))
