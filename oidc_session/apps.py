from collections.abc import Callable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.checks import Tags, register
from django.db.models.signals import post_save, pre_delete
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

Receiver = Callable[..., Any]


class OIDCSessionConfig(AppConfig):
    name = "oidc_session"
    verbose_name = _("OpenID Connect sessions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from oidc_session import checks, deploy_checks, metrics, receivers, tasks
        from oidc_session.signals import logout_notice_postponed

        connections: list[tuple[Signal, Receiver, type | None]] = [
            (user_logged_in, receivers.begin_session, None),
            (user_logged_out, receivers.end_session, None),
            (logout_notice_postponed, tasks.try_again, None),
            (pre_delete, receivers.end_deleted_session, self.get_model("OPSession")),
            (pre_delete, receivers.revoke_tokens_of_consent, self.get_model("Consent")),
        ]
        for model in apps.get_models():
            if issubclass(model, get_user_model()):  # Proxies of it, and its children, send signals of their own.
                connections.append((post_save, receivers.end_sessions_of_changed_user, model))
                connections.append((pre_delete, receivers.end_sessions_of_deleted_user, model))
        for signal, receiver, sender in connections:
            signal.connect(receiver, sender=sender, dispatch_uid=f"oidc_session.{receiver.__name__}")
        metrics.connect()
        register(checks.check_installation)
        register(deploy_checks.check_deployment, Tags.security, deploy=True)
        if apps.is_installed("django.contrib.admin"):
            from oidc_session import application_admin

            application_admin.add_inline()
