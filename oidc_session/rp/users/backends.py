"""The authentication backend that finds, or makes, the user of a session."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, router, transaction
from django.http import HttpRequest

from oidc_session.rp.handles import mark
from oidc_session.rp.session import Session
from oidc_session.rp.users.models import Identity


class OIDCBackend(ModelBackend):
    """Finds users by issuer and subject; override what a project wants otherwise."""

    create_unknown_user = True

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, oidc_session: Session | None = None, **kwargs: Any
    ) -> Any:
        """Return the user of a session, or None; who was closed here stays out."""
        if oidc_session is None:
            return None
        user = self.find_user(oidc_session) or self._make_user(oidc_session)
        return user if user and self.user_can_authenticate(user) else None

    def find_user(self, session: Session) -> Any:
        found = Identity.objects.filter(mark=_mark(session)).select_related("user").first()
        return found and found.user

    def new_user(self, session: Session) -> Any:
        """Return a user that is not saved yet, of a person who comes for the first time: one without a password."""
        model = get_user_model()
        user = model(**{model.USERNAME_FIELD: f"oidc-{_mark(session)[:24]}"})
        user.set_unusable_password()
        return user

    def _make_user(self, session: Session) -> Any:
        if not self.create_unknown_user:
            return None
        user = self.new_user(session)
        try:
            with transaction.atomic(using=router.db_for_write(Identity)):
                user.save()
                Identity.objects.create(user=user, iss=session.iss, sub=session.sub, mark=_mark(session))
        except IntegrityError:  # Of two requests at one moment, one makes the user, and both have it.
            return self.find_user(session)
        return user


def _mark(session: Session) -> str:
    return mark("identity", session.iss, session.sub)
