"""Who is signed in in this browser: kept on the server, in Django's session."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

ENTRY = "person"


@dataclass(frozen=True)
class Person:
    """Somebody the provider vouched for."""

    sub: str
    name: str
    email: str
    groups: list[str]
    id_token: str
    session_state: str
    times: dict[str, int]  # Seconds since 1970, by claim; access_token_expires besides.

    @property
    def expires_at(self) -> int:
        return self.times["access_token_expires"]

    @property
    def clock(self) -> dict[str, datetime]:
        return {name: datetime.fromtimestamp(seconds, UTC) for name, seconds in self.times.items()}


def person(session: SessionBase) -> Person | None:
    return Person(**session[ENTRY]) if ENTRY in session else None


def sign_in(session: SessionBase, someone: Person) -> None:
    session.flush()  # A new key, so that nobody can have planted it.
    carry_on(session, someone)


def carry_on(session: SessionBase, someone: Person) -> None:
    """Go on with what the provider says anew of the person who is signed in."""
    session[ENTRY] = asdict(someone)


def sign_out(session: SessionBase) -> None:
    session.flush()


def required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that is for people who are signed in."""

    @wraps(view)
    def signed_in_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if person(request.session):
            return view(request, *args, **kwargs)
        return redirect(reverse("oidc-login") + "?" + urlencode({"next": request.get_full_path()}))

    return signed_in_view


def context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the person, and the path to come back to."""
    return {"person": person(request.session), "path": request.get_full_path()}
