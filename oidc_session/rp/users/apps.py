from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class RelyingPartyUsersConfig(AppConfig):
    name = "oidc_session.rp.users"
    label = "oidc_session_rp_users"
    verbose_name = _("People of OpenID Providers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from oidc_session.rp.users import checks

        register(checks.check_users)
