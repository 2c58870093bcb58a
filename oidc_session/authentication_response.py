"""The parameters of an authentication response, and where the client wants them.

OAuth 2.0 Multiple Response Type Encoding Practices, "Response Modes"; OAuth 2.0 Form Post Response Mode.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

RESPONSE_MODES = ("query", "fragment", "form_post")


@dataclass(frozen=True)
class AuthenticationResponse:
    """A redirect URI, and the parameters that an authorization server adds to it."""

    redirect_uri: str
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, location: str, redirect_uri: str) -> "AuthenticationResponse":
        """Take a response apart that is addressed to the given redirect URI, whose own query is not part of it."""
        base, has_fragment, fragment = location.partition("#")
        if has_fragment:
            return cls(base, tuple(_pairs(fragment)))
        base, _, query = base.partition("?")
        own_query = urlsplit(redirect_uri).query
        own_pairs = len(_pairs(own_query))  # They stand in front: DOT and oauthlib only ever add behind them.
        return cls(f"{base}?{own_query}" if own_query else base, tuple(_pairs(query)[own_pairs:]))

    def including(self, parameters: Mapping[str, str]) -> "AuthenticationResponse":
        """Add parameters, each in the place of one of its name."""
        others = (pair for pair in self.parameters if pair[0] not in parameters)
        return AuthenticationResponse(self.redirect_uri, (*others, *parameters.items()))

    def location(self, response_mode: str) -> str:
        """Return the address that carries the parameters in its query or in its fragment."""
        if response_mode == "fragment":
            return f"{self.redirect_uri}#{urlencode(self.parameters)}"
        return self.redirect_uri + ("&" if "?" in self.redirect_uri else "?") + urlencode(self.parameters)


def response_mode(requested: str, response_type: str) -> str:
    """Return the mode to answer in: the one requested, unless it is unknown or would put tokens into a query."""
    carries_tokens = not {"token", "id_token"}.isdisjoint(response_type.split())
    default = "fragment" if carries_tokens else "query"
    if requested not in RESPONSE_MODES or (requested == "query" and carries_tokens):
        return default
    return requested


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)
