"""A session that can't be ended: a receiver of the project's refuses to let its access token go."""

from contextlib import contextmanager
from uuid import uuid4

from django.db.models.signals import pre_delete
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oidc_session import credentials, rp_sessions
from oidc_session.credentials import Kind


class Refused(Exception):
    pass


def access_token_in(session, application):
    """Hand an access token out in a session."""
    token = get_access_token_model().objects.create(
        user=session.user, application=application, token=f"access token {uuid4()}", expires=timezone.now()
    )
    credentials.attach(rp_sessions.join(session, application), Kind.ACCESS_TOKEN, token.pk)
    return token


@contextmanager
def unendable(session, application):
    token = access_token_in(session, application)

    def refuse(instance, **kwargs):
        if instance.pk == token.pk:
            raise Refused

    pre_delete.connect(refuse, sender=get_access_token_model())
    try:
        yield
    finally:
        pre_delete.disconnect(refuse, sender=get_access_token_model())
