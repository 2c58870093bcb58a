"""The body of RFC 7591, "Client Registration Request": members of a JSON object, each of the type it must have."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeGuard

from django.utils.http import MAX_URL_LENGTH

from oidc_session.exceptions import InvalidClientMetadata

MOST_URIS = 100  # Each request of the client compares its URI with all of them.
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL takes no NUL, and UTF-8 has no surrogates.


@dataclass(frozen=True)
class Members:
    values: dict[str, object]

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a JSON object; null is the same as no member, as RFC 7592 has it."""
        try:
            values = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise InvalidClientMetadata("the request must be JSON in UTF-8") from None
        if not isinstance(values, dict):
            raise InvalidClientMetadata("the request must be a JSON object")
        return cls({name: value for name, value in values.items() if value is not None})

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None or is_text(value):
            return value
        raise InvalidClientMetadata(f"{name} must be a string of storable characters")

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the strings of an array, each once."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, list) and all(map(is_text, value)):
            return tuple(dict.fromkeys(value))
        raise InvalidClientMetadata(f"{name} must be an array of strings of storable characters")

    def uris(self, name: str) -> tuple[str, ...] | None:
        """Return the strings of an array that are to be stored with spaces between them."""
        uris = self.texts(name)
        if uris and len(uris) > MOST_URIS:
            raise InvalidClientMetadata(f"{name} must have at most {MOST_URIS} values")
        if uris and not all(uri.split() == [uri] and len(uri) <= MAX_URL_LENGTH for uri in uris):
            raise InvalidClientMetadata(
                f"{name} must have URIs without white space, of {MAX_URL_LENGTH} characters at most"
            )
        return uris

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """Return one of the choices; the first where the member is missing."""
        value = self.text(name)
        if value is None:
            return choices[0]
        if value not in choices:
            raise InvalidClientMetadata(f"{name} must be {' or '.join(choices)}")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise InvalidClientMetadata(f"{name} must be true or false")

    def asks_for(self, name: str) -> bool:
        """Whether a member is there that is neither false nor an empty array."""
        value = self.values.get(name)
        return value is not None and value is not False and value != []

    def strings(self) -> dict[str, str]:
        return {name: value for name, value in self.values.items() if isinstance(value, str)}


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and not NOT_STORABLE.search(value)
