"""The settings of this app: OIDC_RP, with its providers by name."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.conf import settings

from oidc_session.rp.exceptions import UnknownProvider

T = TypeVar("T")
HOUR = 3600


@dataclass(frozen=True)
class Provider:
    """One provider of OIDC_RP["providers"]; the names are those of the specifications where they have one."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    token_endpoint_auth_method: str = "client_secret_basic"  # noqa: S105
    scope: str = "openid"
    algorithms: Sequence[str] = ("RS256", "PS256", "ES256")
    trusted_audiences: Sequence[str] = ()
    leeway: float = 30.0
    max_age: int = 0
    reauthentication: str = "required"
    authorization_parameters: Mapping[str, str] = field(default_factory=dict)
    redirect_uri: str = ""
    post_logout_redirect_uri: str = ""
    long_logout_hint: str = "post"
    groups_claim: str = "groups"
    userinfo: str = "off"
    map_claims: str = ""
    expose_tokens: Sequence[str] = ()
    refresh_needs_id_token: bool = False
    logout_token_needs_type: bool = False
    allow_http: bool = False


class Setting(Generic[T]):
    """One key of OIDC_RP with its default, read at the moment of use."""

    def __init__(self, default: T) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> T:
        value: T = getattr(settings, "OIDC_RP", {}).get(self.name, self.default)
        return value


class Settings:
    providers: Setting[Mapping[str, Mapping[str, Any]]] = Setting({})
    default_provider = Setting("")
    cookie_name = Setting("oidc_rp")
    store = Setting("database")
    cache = Setting("default")
    database = Setting("")
    encryption_keys: Setting[Sequence[str]] = Setting([])
    home = Setting("/")
    session_lifetime = Setting(12 * HOUR)
    idle_lifetime = Setting(2 * HOUR)
    revivable_lifetime = Setting(24 * HOUR)
    login_lifetime = Setting(HOUR // 2)
    draft_lifetime = Setting(24 * HOUR)
    draft_limit = Setting(20_000)
    drafts_per_person = Setting(100)
    refresh_ahead = Setting(60)
    metadata_lifetime = Setting(HOUR)
    jwks_interval = Setting(60)
    connect_timeout = Setting(3.0)
    read_timeout = Setting(10.0)
    response_limit = Setting(1_000_000)
    url_limit = Setting(2000)
    events_interval = Setting(0.5)
    events_lifetime = Setting(600)


DEFAULTS: dict[str, object] = {
    name: setting.default for name, setting in vars(Settings).items() if isinstance(setting, Setting)
}
PROVIDER_KEYS = {each.name: each for each in dataclasses.fields(Provider) if each.name != "name"}

conf = Settings()


def provider_named(name: str) -> Provider:
    """Return a provider of OIDC_RP; raise UnknownProvider where there is none of that name."""
    if name not in conf.providers:
        raise UnknownProvider(f"OIDC_RP has no provider named {name!r}.")
    return Provider(name=name, **conf.providers[name])


def provider_names() -> list[str]:
    return list(conf.providers)


def default_provider_name() -> str:
    """Return the provider that is meant where none is named: the first, if the settings name no other."""
    return conf.default_provider or next(iter(conf.providers), "")
