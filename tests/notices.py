"""Sessions with applications that want to be told of their end, and the notices that are owed to them."""

from django.utils import timezone

from oidc_session import rp_sessions
from oidc_session.models import ClientLogoutSettings, LogoutNotice, OPSession
from tests.swappable import Application

SECRET = "a client secret of 32 bytes or more"


def application_at(uri, client_id="rp-1", **fields):
    """Return an application whose back-channel logout URI is this; none where it is empty."""
    values = {
        "name": client_id.title(),
        "client_id": client_id,
        "client_secret": SECRET,
        "hash_client_secret": False,
        "client_type": Application.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
        "algorithm": Application.RS256_ALGORITHM,
        "redirect_uris": "https://rp.example/callback",
        "skip_authorization": True,
    }
    application = Application.objects.create(**(values | fields))
    ClientLogoutSettings.objects.create(application=application, backchannel_logout_uri=uri)
    return application


def session_of(user, *applications):
    """Return a live session of a person with these applications in it, each of which has had an ID token."""
    session = OPSession.objects.create(user=user, expires_at=timezone.now())
    for application in applications:
        joined = rp_sessions.join(session, application)
        rp_sessions.remember_subject(joined, "https://op.example/o", str(user.pk))
    return session


def notice_of(application):
    return LogoutNotice.objects.get(client_id=application.client_id)


def states():
    return sorted(LogoutNotice.objects.values_list("client_id", "channel", "state", "problem"))
