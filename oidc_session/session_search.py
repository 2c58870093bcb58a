"""Finding OP sessions by what an administrator knows of them: a user name, a `sid`, or an address."""

import ipaddress
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from oidc_session.models import RPSession

MOST_PEOPLE = 100


def found_by(term: str) -> Q:
    """Look for people whose user name begins so, for an application's `sid`, and for an address, each by its index."""
    found = Q(pk__in=list(RPSession.objects.filter(sid=term).values_list("op_session", flat=True)))
    if people := people_named(term):
        found |= Q(user__in=people)
    if is_address(term):
        found |= Q(address=term)
    return found


def is_address(term: str) -> bool:
    try:
        ipaddress.ip_address(term)
    except ValueError:
        return False
    return True


def people_named(term: str) -> list[Any]:
    """Return the keys of those with this user name, or else of some whose names begin with it."""
    users, name = get_user_model()._default_manager.order_by(), get_user_model().USERNAME_FIELD
    exactly = list(users.filter(**{name: term}).values_list("pk", flat=True))
    return exactly or list(users.filter(**{f"{name}__startswith": term}).values_list("pk", flat=True)[:MOST_PEOPLE])
