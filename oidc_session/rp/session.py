"""One person's session at this site, as one provider vouched for it."""

import json
import time
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from oidc_session.rp.conf import conf

COLUMNS = ("key", "version", "started_at", "used_at")


class State(StrEnum):
    """Active, or expired and to be revived by a login, or of no use to anybody."""

    ACTIVE = "active"
    EXPIRED = "expired"
    GONE = "gone"


class Expiry(StrEnum):
    """Why a session has expired."""

    LIFETIME = "lifetime"
    INACTIVITY = "inactivity"
    REFUSED = "refused"  # By the provider: the refresh token is no longer good.
    NO_REFRESH_TOKEN = "no_refresh_token"  # noqa: S105
    CONFIGURATION = "configuration"  # The provider refuses this client: a login would be refused, too.
    UNAVAILABLE = "unavailable"  # For the moment: the session comes back with its provider.


@dataclass(frozen=True)
class Session:
    """Times are seconds since 1970; `key` is the hash of the browser's handle."""

    key: str
    provider: str
    id_claims: dict[str, Any]
    """The last ID token's; `claims` are those and the userinfo's."""
    expires_at: float  # The access token.
    claims: dict[str, Any] = field(default_factory=dict)
    id_token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    groups: list[str] = field(default_factory=list)
    session_state: str = ""
    refreshed_at: float = field(default_factory=time.time)
    started_at: float = field(default_factory=time.time)
    used_at: float = field(default_factory=time.time)
    version: int = 0
    attempts: int = 0
    """How many refreshes have come to an end; who waits for one sees it grow."""
    outcome: str = ""
    failures: int = 0
    retry_at: float = 0
    expired_at: float = 0
    expired_by: str = ""
    restricted: bool = False
    claims_stale: bool = False

    @property
    def iss(self) -> str:
        return str(self.id_claims["iss"])

    @property
    def sub(self) -> str:
        return str(self.id_claims["sub"])

    @property
    def sid(self) -> str:
        sid = self.id_claims.get("sid")
        return sid if isinstance(sid, str) else ""

    @property
    def access_is_live(self) -> bool:
        return time.time() < self.expires_at

    @property
    def expiry(self) -> Expiry | None:
        """Why it has expired; None where it has not."""
        if self.expired_at:
            return Expiry(self.expired_by)
        if self.was_left_alone:
            return Expiry.INACTIVITY
        if time.time() >= self.started_at + conf.session_lifetime:
            return Expiry.LIFETIME
        return None

    @property
    def was_left_alone(self) -> bool:
        """Whether nobody has used it for so long that it may be somebody else who comes now, however it expired."""
        return time.time() >= self.used_at + conf.idle_lifetime

    @property
    def state(self) -> State:
        if self.expiry is None:
            return State.ACTIVE
        is_over = time.time() >= self._ends_at + conf.revivable_lifetime
        return State.GONE if is_over else State.EXPIRED

    @property
    def _ends_at(self) -> float:
        ends = [self.started_at + conf.session_lifetime, self.used_at + conf.idle_lifetime]
        return min([self.expired_at, *ends] if self.expired_at else ends)

    def to_json(self) -> str:
        """Return all but what the store keeps beside it."""
        names = [each.name for each in fields(self) if each.name not in COLUMNS]
        return json.dumps({name: getattr(self, name) for name in names})
