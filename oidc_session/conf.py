"""The settings of this app: names of ours in OAUTH2_PROVIDER."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting with its default, kept where it was read: a look at Django's settings takes most of a microsecond."""

    def __init__(self, name: str, default: T) -> None:
        self.name = name
        self.default = default

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, instance: object, owner: type) -> T:
        value: T = getattr(settings, "OAUTH2_PROVIDER", {}).get(self.name, self.default)
        vars(instance)[self.attribute] = value
        return value


class Settings:
    SESSION_MANAGEMENT_ENABLED = Setting("OIDC_SESSION_MANAGEMENT_ENABLED", False)
    DEFAULT_SESSION_KEY = Setting("OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY", "")
    COOKIE_NAME = Setting("OIDC_SESSION_MANAGEMENT_COOKIE_NAME", "oidc_ua_agent_state")
    SESSION_STORE_USER_AGENT = Setting("OIDC_SESSION_STORE_USER_AGENT", True)
    SESSION_STORE_ADDRESS = Setting("OIDC_SESSION_STORE_ADDRESS", True)
    SESSION_LIFETIME = Setting("OIDC_SESSION_LIFETIME", 0)
    SESSION_LIFETIME_FUNCTION = Setting("OIDC_SESSION_LIFETIME_FUNCTION", "")
    SESSION_IDLE_LIFETIME = Setting("OIDC_SESSION_IDLE_LIFETIME", 0)
    SESSION_IDLE_LIFETIME_FUNCTION = Setting("OIDC_SESSION_IDLE_LIFETIME_FUNCTION", "")
    SESSION_MAX_PER_PERSON = Setting("OIDC_SESSION_MAX_PER_PERSON", 0)
    SESSION_MAX_PER_PERSON_FUNCTION = Setting("OIDC_SESSION_MAX_PER_PERSON_FUNCTION", "")
    SESSION_TOO_MANY = Setting("OIDC_SESSION_TOO_MANY", "end_oldest")
    SESSION_ACTIVITY_INTERVAL = Setting("OIDC_SESSION_ACTIVITY_INTERVAL", 300)
    SESSION_STATUS_INTERVAL = Setting("OIDC_SESSION_STATUS_INTERVAL", 60)
    SESSION_CHECK_EVERY_REQUEST = Setting("OIDC_SESSION_CHECK_EVERY_REQUEST", False)
    SESSION_RETENTION_DAYS = Setting("OIDC_SESSION_RETENTION_DAYS", 30)
    SESSIONS_PAGE_REAUTHENTICATION_AGE = Setting("OIDC_SESSIONS_PAGE_REAUTHENTICATION_AGE", 900)
    CONSENT_EXPIRE_SECONDS = Setting("OIDC_CONSENT_EXPIRE_SECONDS", 0)
    SESSION_IFRAME_ENDPOINT = Setting("OIDC_SESSION_IFRAME_ENDPOINT", "")
    FRONTCHANNEL_LOGOUT_ENABLED = Setting("OIDC_FRONTCHANNEL_LOGOUT_ENABLED", False)
    FRONTCHANNEL_LOGOUT_TIMEOUT = Setting("OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT", 5.0)
    BACKCHANNEL_LOGOUT_ENABLED = Setting("OIDC_BACKCHANNEL_LOGOUT_ENABLED", False)
    BACKCHANNEL_LOGOUT_TIMEOUT = Setting("OIDC_BACKCHANNEL_LOGOUT_TIMEOUT", 5.0)
    BACKCHANNEL_LOGOUT_WAIT = Setting("OIDC_BACKCHANNEL_LOGOUT_WAIT", 2.0)
    BACKCHANNEL_LOGOUT_HORIZON = Setting("OIDC_BACKCHANNEL_LOGOUT_HORIZON", 72 * 3600.0)
    BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS = Setting("OIDC_BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS", 120)
    BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS: Setting[Sequence[str]] = Setting(
        "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS", []
    )
    BACKCHANNEL_LOGOUT_HOST_MAP: Setting[Mapping[str, str]] = Setting("OIDC_BACKCHANNEL_LOGOUT_HOST_MAP", {})
    BACKCHANNEL_LOGOUT_TASK_BACKEND = Setting("OIDC_BACKCHANNEL_LOGOUT_TASK_BACKEND", "default")
    BACKCHANNEL_LOGOUT_TASK_QUEUE = Setting("OIDC_BACKCHANNEL_LOGOUT_TASK_QUEUE", "default")
    LOGOUT_URI_ALLOWED_SCHEMES: Setting[Sequence[str]] = Setting("OIDC_LOGOUT_URI_ALLOWED_SCHEMES", ["https"])

    @property
    def LOGOUT_NOTICES_ENABLED(self) -> bool:
        """Whether applications are told of a logout by one channel or the other."""
        return self.FRONTCHANNEL_LOGOUT_ENABLED or self.BACKCHANNEL_LOGOUT_ENABLED

    @property
    def SESSIONS_ENABLED(self) -> bool:
        """Whether there are OP sessions: each feature stands on them."""
        return self.SESSION_MANAGEMENT_ENABLED or self.LOGOUT_NOTICES_ENABLED


DEFAULTS: dict[str, object] = {
    setting.name: setting.default for setting in vars(Settings).values() if isinstance(setting, Setting)
}

conf = Settings()


@receiver(setting_changed)
def forget(*, setting: str, **kwargs: Any) -> None:
    """Read the settings again: a test has changed them."""
    if setting == "OAUTH2_PROVIDER":
        vars(conf).clear()


def enabled_channels() -> list[str]:
    """Return the channels by which applications are told of a logout, as the specifications name them."""
    enabled = {"frontchannel": conf.FRONTCHANNEL_LOGOUT_ENABLED, "backchannel": conf.BACKCHANNEL_LOGOUT_ENABLED}
    return [name for name, is_on in enabled.items() if is_on]
