"""What a profile may change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from jwcrypto import jwk

Members = dict[str, Any]


def unchanged(members: Members) -> Members:
    return members


@dataclass(frozen=True)
class Profile:
    """What a provider with one fault does; what is left out it does well."""

    tells: str
    seconds: float = 0
    """How long tokens live, or an answer takes; a client may have its own."""

    groups: Callable[[list[str]], Members] | None = None
    """Return the claims in place of `groups`."""
    after_refresh: bool = False
    """Whether the groups change with the first refresh, not before."""
    userinfo: Callable[[Members], Members] = unchanged

    tokens: Callable[[Members, float], None] | None = None
    """Change a token response before the provider stores it: the fault is real then."""
    id_token: Callable[[Members, Members, jwk.JWK], str | None] | None = None
    """Return the ID token of a token response from its header, claims and key."""
    rotates: bool = True

    endpoint: str = ""
    """Where `holds` and `answer` apply: `refresh` or `user-info`."""
    holds: bool = False
    answer: Callable[[], HttpResponse] | None = None

    callback: Callable[[Members], Members] | None = None
    """Return the parameters of an authentication response."""
    keys: tuple[str, ...] = ("first",)
    """The published keys; the last one signs."""
