"""Client metadata: RFC 7591 and OpenID Connect Dynamic Client Registration 1.0, "Client Metadata"."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from oauth2_provider.models import AbstractApplication as Application
from oauth2_provider.scopes import get_scopes_backend
from oauth2_provider.settings import oauth2_settings

from oidc_session.exceptions import InvalidClientMetadata
from oidc_session.grant_types import (
    GRANT_TYPES,
    RESPONSE_TYPES,
    authorization_grant_type,
    normalized,
    with_defaults,
)
from oidc_session.json_members import Members
from oidc_session.logout_metadata import parse_logout_members

REFUSED_MEMBERS = (
    "sector_identifier_uri",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_signing_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "token_endpoint_auth_signing_alg",
    "default_max_age",
    "default_acr_values",
    "initiate_login_uri",
    "request_uris",
)


@dataclass(frozen=True)
class ClientMetadata:
    """What a client asks for: each field a member, None where it may be missing and is; `logout` has several."""

    grant_types: tuple[str, ...]
    response_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] | None
    client_name: str | None
    token_endpoint_auth_method: str
    application_type: str
    subject_type: str
    id_token_signed_response_alg: str
    require_auth_time: bool | None
    scope: str | None
    logout: dict[str, str | bool]

    @classmethod
    def parse(cls, members: Members) -> Self:
        """Read a request; InvalidClientMetadata where this server cannot honour it."""
        grant_types, response_types = with_defaults(
            members.texts("grant_types"), _response_types(members.texts("response_types"))
        )
        metadata = cls(
            grant_types=grant_types,
            response_types=response_types,
            redirect_uris=members.uris("redirect_uris") or (),
            post_logout_redirect_uris=members.uris("post_logout_redirect_uris"),
            client_name=members.text("client_name"),
            token_endpoint_auth_method=members.one_of(
                "token_endpoint_auth_method", ("client_secret_basic", "client_secret_post", "none")
            ),
            application_type=members.one_of("application_type", ("web", "native")),
            subject_type=members.one_of("subject_type", ("public",)),
            id_token_signed_response_alg=members.one_of("id_token_signed_response_alg", ("RS256", "HS256")),
            require_auth_time=members.flag("require_auth_time"),
            scope=members.text("scope"),
            logout=parse_logout_members(members),
        )
        refuse_unsupported(members)
        refuse_unusable(metadata)
        return metadata

    @property
    def authorization_grant_type(self) -> str:
        return authorization_grant_type(self.grant_types, self.response_types)

    @property
    def is_confidential(self) -> bool:
        return self.token_endpoint_auth_method != "none"  # noqa: S105

    @property
    def signs_with_secret(self) -> bool:
        return self.id_token_signed_response_alg == Application.HS256_ALGORITHM

    def members(self) -> dict[str, object]:
        """Return what is to be told to the client: all that it asked for, and the defaults."""
        asked = {name: value for name, value in asdict(self).items() if name != "logout" and value is not None}
        return asked | self.logout

    def fields(self) -> dict[str, object]:
        """Return the values of an application's fields."""
        return {
            "name": self.client_name or "",
            "redirect_uris": " ".join(self.redirect_uris),
            "post_logout_redirect_uris": " ".join(self.post_logout_redirect_uris or ()),
            "client_type": Application.CLIENT_CONFIDENTIAL if self.is_confidential else Application.CLIENT_PUBLIC,
            "authorization_grant_type": self.authorization_grant_type,
            "algorithm": self.id_token_signed_response_alg,
            "hash_client_secret": not self.signs_with_secret,
        }

    def needs_secret(self, application: Any) -> bool:
        """Whether the application, as it was, has no secret that its client knows, or none that can sign."""
        was_public = application.client_type == application.CLIENT_PUBLIC
        return self.is_confidential and (was_public or (self.signs_with_secret and application.hash_client_secret))


def refuse_unsupported(members: Members) -> None:
    for name in REFUSED_MEMBERS:
        if members.asks_for(name):
            raise InvalidClientMetadata(f"{name} is not supported")


def refuse_unusable(metadata: ClientMetadata) -> None:
    grant_type = metadata.authorization_grant_type
    if grant_type in RESPONSE_TYPES and not metadata.redirect_uris:
        raise InvalidClientMetadata("redirect_uris must have a value for these grant_types")
    if grant_type == Application.GRANT_CLIENT_CREDENTIALS and not metadata.is_confidential:
        raise InvalidClientMetadata("token_endpoint_auth_method must not be none with client_credentials")
    if not set((metadata.scope or "").split()) <= set(get_scopes_backend().get_available_scopes()):
        raise InvalidClientMetadata("scope has values that are not available")
    refuse_unusable_algorithm(metadata)


def refuse_unusable_algorithm(metadata: ClientMetadata) -> None:
    in_browser = "implicit" in metadata.grant_types
    if metadata.signs_with_secret and (in_browser or not metadata.is_confidential):
        raise InvalidClientMetadata(
            "id_token_signed_response_alg HS256 needs a client secret and no grant type implicit"
        )
    if not metadata.signs_with_secret and not oauth2_settings.OIDC_RSA_PRIVATE_KEY:
        raise InvalidClientMetadata("id_token_signed_response_alg RS256 is not available")


def registered_members(application: Any) -> dict[str, object]:
    """Return what an application's row tells of its client beyond what DOT answers."""
    grant_type = application.authorization_grant_type
    members = {
        "response_types": RESPONSE_TYPES.get(grant_type, ()),
        "post_logout_redirect_uris": application.post_logout_redirect_uris.split(),
        "subject_type": "public",
    }
    if grant_type == Application.GRANT_OPENID_HYBRID:
        members["grant_types"] = (*GRANT_TYPES[grant_type], "refresh_token")
    if application.algorithm:
        members["id_token_signed_response_alg"] = application.algorithm
    return members


def _response_types(response_types: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if response_types is None else tuple(dict.fromkeys(map(normalized, response_types)))
