"""What this app does when something happens elsewhere in Django; connected in AppConfig.ready()."""

from typing import Any

from django.http import HttpRequest

from oidc_session import browser_state, credentials, sessions, shown_session, tasks
from oidc_session.conf import conf
from oidc_session.current_request import current_request
from oidc_session.models import Consent, EndReason, OPSession


def begin_session(request: HttpRequest | None, user: Any, **kwargs: object) -> None:
    """Receive django.contrib.auth's user_logged_in."""
    if conf.SESSIONS_ENABLED and request is not None and hasattr(request, "session"):
        if conf.SESSION_MANAGEMENT_ENABLED:
            browser_state.renew(request.session)
        sessions.start(request, user)


def end_session(request: HttpRequest | None, **kwargs: object) -> None:
    """Receive django.contrib.auth's user_logged_out, which comes before the Django session is flushed."""
    if session := _session_of(request):
        sessions.end(session, EndReason.LOGOUT, delete_django_session=False, tell=tasks.tell_now)


def end_sessions_of_changed_user(instance: Any, created: bool, **kwargs: object) -> None:
    """Receive post_save of the user model: a new password ends all sessions but the one it was set in."""
    if created or not conf.SESSIONS_ENABLED:
        return
    if not instance.is_active:
        sessions.end_all(instance, EndReason.USER_INACTIVE)
    elif getattr(instance, "_password", None) is not None:  # Set by set_password() until the user is saved.
        sessions.end_all(instance, EndReason.PASSWORD_CHANGE, but=_session_of(current_request.get(), instance))


def end_sessions_of_deleted_user(instance: Any, **kwargs: object) -> None:
    """Receive pre_delete of the user model."""
    if conf.SESSIONS_ENABLED:
        sessions.end_all(instance, EndReason.USER_INACTIVE)


def revoke_tokens_of_consent(instance: Consent, **kwargs: object) -> None:
    """Receive pre_delete of a consent: DOT would take a live token for one."""
    credentials.revoke_application(instance.user, instance.application)


def end_deleted_session(instance: OPSession, **kwargs: object) -> None:
    """Receive pre_delete of an OP session: whoever deletes the row, one by one or many at once, ends it first."""
    if instance.is_live:
        sessions.end(instance, EndReason.ADMIN)


def _session_of(request: HttpRequest | None, user: Any = None) -> OPSession | None:
    if not conf.SESSIONS_ENABLED or request is None or not hasattr(request, "session"):
        return None
    if user is not None and request.user != user:
        return None
    return shown_session.of_django_session(request.session)
