from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.checks import Tags, register
from django.db.models.signals import post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class OIDCSessionConfig(AppConfig):
    name = "oidc_session"
    verbose_name = _("OpenID Connect sessions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from oidc_session import checks, deploy_checks, receivers

        user = settings.AUTH_USER_MODEL
        connections = (
            (user_logged_in, receivers.begin_session, None),
            (user_logged_out, receivers.end_session, None),
            (post_save, receivers.end_sessions_of_changed_user, user),
            (pre_delete, receivers.end_sessions_of_deleted_user, user),
            (pre_delete, receivers.end_deleted_session, "oidc_session.OPSession"),
        )
        for signal, receiver, sender in connections:
            signal.connect(receiver, sender=sender, dispatch_uid=f"oidc_session.{receiver.__name__}")
        register(checks.check_installation)
        register(deploy_checks.check_deployment, Tags.security, deploy=True)
