from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class RelyingPartyConfig(AppConfig):
    name = "oidc_session.rp"
    label = "oidc_session_rp"
    verbose_name = _("Sign-in at OpenID Providers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from oidc_session.rp import checks, deploy_checks

        register(checks.check_configuration)
        register(deploy_checks.check_deployment, Tags.security, deploy=True)
