from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class OIDCSessionConfig(AppConfig):
    name = "oidc_session"
    verbose_name = _("OpenID Connect sessions")

    def ready(self) -> None:
        from oidc_session import checks, deploy_checks, receivers

        user_logged_in.connect(receivers.renew_browser_state, dispatch_uid="oidc_session.renew_browser_state")
        register(checks.check_installation)
        register(deploy_checks.check_deployment, Tags.security, deploy=True)
