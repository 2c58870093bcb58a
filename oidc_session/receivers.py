"""What this app does when something happens elsewhere in Django; connected in AppConfig.ready()."""

from django.http import HttpRequest

from oidc_session import browser_state
from oidc_session.conf import conf


def renew_browser_state(request: HttpRequest | None, **kwargs: object) -> None:
    """Receive django.contrib.auth's user_logged_in."""
    session = getattr(request, "session", None)
    if conf.SESSION_MANAGEMENT_ENABLED and session is not None:
        browser_state.renew(session)
