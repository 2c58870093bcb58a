"""The settings of this app: names of ours in OAUTH2_PROVIDER."""

from typing import Generic, TypeVar

from django.conf import settings

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting with its default, read at the moment of use."""

    def __init__(self, name: str, default: T) -> None:
        self.name = name
        self.default = default

    def __get__(self, instance: object, owner: type) -> T:
        value: T = getattr(settings, "OAUTH2_PROVIDER", {}).get(self.name, self.default)
        return value


class Settings:
    SESSION_MANAGEMENT_ENABLED = Setting("OIDC_SESSION_MANAGEMENT_ENABLED", False)
    DEFAULT_SESSION_KEY = Setting("OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY", "")
    COOKIE_NAME = Setting("OIDC_SESSION_MANAGEMENT_COOKIE_NAME", "oidc_ua_agent_state")
    SESSION_STORE_USER_AGENT = Setting("OIDC_SESSION_STORE_USER_AGENT", True)
    SESSION_STORE_ADDRESS = Setting("OIDC_SESSION_STORE_ADDRESS", True)
    SESSION_ACTIVITY_INTERVAL = Setting("OIDC_SESSION_ACTIVITY_INTERVAL", 300)
    SESSION_STATUS_INTERVAL = Setting("OIDC_SESSION_STATUS_INTERVAL", 60)
    SESSION_CHECK_EVERY_REQUEST = Setting("OIDC_SESSION_CHECK_EVERY_REQUEST", False)
    CONSENT_EXPIRE_SECONDS = Setting("OIDC_CONSENT_EXPIRE_SECONDS", 0)
    SESSION_IFRAME_ENDPOINT = Setting("OIDC_SESSION_IFRAME_ENDPOINT", "")


DEFAULTS: dict[str, object] = {
    setting.name: setting.default for setting in vars(Settings).values() if isinstance(setting, Setting)
}

conf = Settings()
