"""How many sessions a person may have at once: the project's policy."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import connections, router, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from oidc_session import lifetimes
from oidc_session.conf import conf
from oidc_session.exceptions import TooManySessions
from oidc_session.models import OPSession

END_OLDEST, REFUSE = "end_oldest", "refuse"


def store(session: OPSession, end: Callable[[list[OPSession]], list[OPSession]]) -> int:
    """Store a new session, and end the person's oldest ones that are too many with it; return how many those were.

    TooManySessions where the policy is to refuse the new one, which is then not stored.
    """
    most = lifetimes.said_of_person(session.user, conf.SESSION_MAX_PER_PERSON, conf.SESSION_MAX_PER_PERSON_FUNCTION)
    if not most:
        session.save(force_insert=True)
        return 0
    with transaction.atomic(using=_database()):
        _wait_for_other_logins(session.user)
        session.save(force_insert=True)
        surplus = _surplus(session, int(most))
        if surplus and conf.SESSION_TOO_MANY == REFUSE:
            raise TooManySessions
        return len(end(surplus))


def tell(request: HttpRequest, ended: int) -> None:
    """Tell the person, where the project shows messages, what the login has ended."""
    text = ngettext(
        "You have been signed out in another browser: that is as many as you may be signed in at once.",
        "You have been signed out in %(number)s other browsers: that is as many as you may be signed in at once.",
        ended,
    )
    messages.warning(request, text % {"number": ended}, fail_silently=True)


def _wait_for_other_logins(user: Any) -> None:
    """Lock the person, so that two logins at one moment count each other; SQLite has one writer anyway."""
    features = connections[_database()].features
    person = get_user_model()._base_manager.using(_database()).filter(pk=user.pk).values_list("pk")
    locked = person.select_for_update(no_key=features.has_select_for_no_key_update)
    list(locked if features.has_select_for_update else person.none())


def _surplus(session: OPSession, most: int) -> list[OPSession]:
    """Return the oldest of the person's other sessions, as far as they are too many with this one."""
    others = OPSession.objects.live().filter(user=session.user, expires_at__gt=timezone.now())
    return list(others.exclude(pk=session.pk).order_by("-started_at", "-pk")[most - 1 :])


def _database() -> str:
    return router.db_for_write(OPSession)
