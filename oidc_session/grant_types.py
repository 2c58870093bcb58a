"""RFC 7591, "Relationship between Grant Types and Response Types", for applications with one grant type of DOT."""

from collections.abc import Iterable

from oauth2_provider.models import AbstractApplication as Application

from oidc_session.exceptions import InvalidClientMetadata

GRANT_TYPES = {
    Application.GRANT_AUTHORIZATION_CODE: ("authorization_code",),
    Application.GRANT_OPENID_HYBRID: ("authorization_code", "implicit"),
    Application.GRANT_IMPLICIT: ("implicit",),
    Application.GRANT_PASSWORD: ("password",),
    Application.GRANT_CLIENT_CREDENTIALS: ("client_credentials",),
    Application.GRANT_DEVICE_CODE: ("urn:ietf:params:oauth:grant-type:device_code",),
}

RESPONSE_TYPES = {
    Application.GRANT_AUTHORIZATION_CODE: ("code",),
    Application.GRANT_OPENID_HYBRID: ("code", "code id_token", "code id_token token", "code token"),
    Application.GRANT_IMPLICIT: ("id_token", "id_token token", "token"),
}


def normalized(response_type: str) -> str:
    """Return a response type with its words in the order of the specification, which is that of the alphabet."""
    return " ".join(sorted(response_type.split()))


def with_defaults(
    grant_types: tuple[str, ...] | None, response_types: tuple[str, ...] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return both, with what the one means in place of the other where that is missing."""
    if grant_types is None:
        response_types = ("code",) if response_types is None else response_types
        return grant_types_of(response_types), response_types
    if response_types is None:
        return grant_types, RESPONSE_TYPES.get(_grant_type(grant_types), ())
    return grant_types, response_types


def grant_types_of(response_types: Iterable[str]) -> tuple[str, ...]:
    """OpenID Connect Dynamic Client Registration 1.0, "Client Metadata", `grant_types`."""
    words = set(" ".join(response_types).split())
    code = ("authorization_code",) if "code" in words else ()
    implicit = ("implicit",) if words & {"id_token", "token"} else ()
    return code + implicit


def authorization_grant_type(grant_types: tuple[str, ...], response_types: tuple[str, ...]) -> str:
    """Return the one grant type of DOT that stands for all of these."""
    grant_type = _grant_type(grant_types)
    if not set(response_types) <= set(RESPONSE_TYPES.get(grant_type, ())):
        raise InvalidClientMetadata("response_types has values that do not go with each other or grant_types")
    unused = set(GRANT_TYPES[grant_type]) - set(grant_types_of(response_types))
    if grant_type in RESPONSE_TYPES and unused:
        raise InvalidClientMetadata(
            f"grant_types must go without what no response_types need: {', '.join(sorted(unused))}"
        )
    return grant_type


def _grant_type(grant_types: tuple[str, ...]) -> str:
    asked = set(grant_types) - {"refresh_token"}
    for grant_type, names in GRANT_TYPES.items():
        if asked == set(names) and set(grant_types) != {"implicit", "refresh_token"}:
            return str(grant_type)
    raise InvalidClientMetadata("grant_types, given or meant by response_types, must be what one client can have")
