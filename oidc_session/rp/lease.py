"""Whose turn it is to refresh a session: for as long as one call to the provider takes, and again before each."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from oidc_session.rp.conf import conf
from oidc_session.rp.http import before_each_call
from oidc_session.rp.stores import store

MARGIN = 1.2


@dataclass(frozen=True)
class Lease:
    """A turn at the session with that key; of a holder that dies it is over soon."""

    key: str
    owner: str = field(default_factory=lambda: secrets.token_hex(16))

    def take(self) -> bool:
        """Take the turn, or prolong it; False where it is somebody else's."""
        return store().lease(self.key, self.owner, seconds_of_a_lease())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Prolong the turn before each call, and give it back at the end."""
        outside = before_each_call.set(self.take)
        try:
            yield
        finally:
            before_each_call.reset(outside)
            store().release(self.key, self.owner)


def seconds_of_a_lease() -> float:
    """Longer than a call can take, so that nobody else begins one: the last read may begin when the time is over."""
    return (conf.connect_timeout + 2 * conf.read_timeout) * MARGIN
