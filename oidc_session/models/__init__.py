"""What the provider remembers."""

from oidc_session.models.application_logout import ApplicationLogout
from oidc_session.models.consent import Consent
from oidc_session.models.logout import ClientLogoutSettings, LogoutNotice
from oidc_session.models.sessions import Credential, EndReason, OPSession, OPSessionQuerySet, RPSession

__all__ = [
    "ApplicationLogout",
    "ClientLogoutSettings",
    "Consent",
    "Credential",
    "EndReason",
    "LogoutNotice",
    "OPSession",
    "OPSessionQuerySet",
    "RPSession",
]
