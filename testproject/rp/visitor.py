"""Who is signed in in this browser: kept on the server, in a row that Django's session names."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from testproject.rp.models import SignIn
from testproject.rp.person import Person

ENTRY = "sign_in"


def person(session: SessionBase) -> Person | None:
    row = signed_in(session).first()
    return Person(**row.person) if row else None


def signed_in(session: SessionBase) -> QuerySet[SignIn]:
    return SignIn.objects.filter(pk=session.get(ENTRY))


def sign_in(session: SessionBase, someone: Person) -> None:
    session.flush()  # A new key, so that nobody can have planted it.
    forget_expired()
    row = SignIn.objects.create(sid=someone.sid, sub=someone.sub, person=asdict(someone))
    session[ENTRY] = str(row.pk)


def carry_on(session: SessionBase, someone: Person) -> None:
    """Go on with what the provider says anew of the person, unless that sign-in has ended meanwhile."""
    signed_in(session).update(sid=someone.sid, sub=someone.sub, person=asdict(someone))


def sign_out(session: SessionBase) -> None:
    signed_in(session).delete()
    session.flush()


def end(**whose: str) -> int:
    """End what has this sid, this sub or both, in whatever browser; returns how many that were."""
    ended, _ = SignIn.objects.filter(**whose).delete()
    return ended


def forget_expired() -> None:
    begun = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    SignIn.objects.filter(signed_in_at__lt=begun).delete()


def required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that is for people who are signed in."""

    @wraps(view)
    def signed_in_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if person(request.session):
            return view(request, *args, **kwargs)
        return redirect(reverse("oidc-login") + "?" + urlencode({"next": request.get_full_path()}))

    return signed_in_view


def context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the application, the person, and the path to come back to."""
    return {
        "application": settings.RP_NAME,
        "colour": settings.RP_COLOUR,
        "person": person(request.session),
        "path": request.get_full_path(),
    }
