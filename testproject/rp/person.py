from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Person:
    """Somebody the provider vouched for."""

    sub: str
    name: str
    email: str
    groups: list[str]
    id_token: str
    session_state: str
    sid: str
    times: dict[str, int]  # Seconds since 1970, by claim; access_token_expires besides.

    @property
    def expires_at(self) -> int:
        return self.times["access_token_expires"]

    @property
    def clock(self) -> dict[str, datetime]:
        return {name: datetime.fromtimestamp(seconds, UTC) for name, seconds in self.times.items()}
