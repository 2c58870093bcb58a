"""What this app has in the Django admin; each page is a module of its own."""

from oidc_session.application_logout_admin import ApplicationLogoutAdmin
from oidc_session.consent_admin import ConsentAdmin
from oidc_session.notice_admin import LogoutNoticeAdmin
from oidc_session.session_admin import OPSessionAdmin

__all__ = ["ApplicationLogoutAdmin", "ConsentAdmin", "LogoutNoticeAdmin", "OPSessionAdmin"]
