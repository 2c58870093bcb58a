"""For how long a session may last, whatever the session store says: the project's policy."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from oauth2_provider.models import get_application_model

from oidc_session.conf import conf
from oidc_session.models import OPSession

Policy = Callable[[Any, Any], float | None]
"""Takes a person and an application of the session, or None for the session as such; None says nothing about it."""


def is_on() -> bool:
    return bool(
        conf.SESSION_LIFETIME
        or conf.SESSION_IDLE_LIFETIME
        or conf.SESSION_LIFETIME_FUNCTION
        or conf.SESSION_IDLE_LIFETIME_FUNCTION
    )


def ends_at(session: OPSession) -> datetime | None:
    """Return when a session is over by the policy, as far as is known now; None where it has no end by that."""
    if not is_on():
        return None
    lifetime = _shortest(session, conf.SESSION_LIFETIME, conf.SESSION_LIFETIME_FUNCTION)
    idle = _shortest(session, conf.SESSION_IDLE_LIFETIME, conf.SESSION_IDLE_LIFETIME_FUNCTION)
    limits = ((session.auth_time, lifetime), (session.last_activity, idle))
    return min((since + timedelta(seconds=seconds) for since, seconds in limits if seconds), default=None)


def is_over(session: OPSession) -> bool:
    ends = ends_at(session)
    return ends is not None and ends <= timezone.now()


def capped(session: OPSession, moment: datetime) -> datetime:
    """Return a moment, or the session's end by the policy where that comes first."""
    ends = ends_at(session)
    return moment if ends is None else min(moment, ends)


def said_of_person(user: Any, default: float, function: str) -> float:
    """Return what a setting says, or the project's function in its place: 0 for no limit."""
    said = _load(function)(user, None) if function else None
    return default if said is None else said


def _shortest(session: OPSession, default: float, function: str) -> float:
    """Return the least of what is said of the person and of each application in the session; 0 for no limit."""
    limits = [said_of_person(session.user, default, function)] if function else [default]
    limits += _said_of_applications(session, function) if function else ()
    return min(filter(None, limits), default=0)


def _said_of_applications(session: OPSession, function: str) -> Iterator[float]:
    joined = {"rp_sessions__op_session": session.pk, "rp_sessions__ended_at": None}
    for application in get_application_model()._default_manager.filter(**joined):
        said = _load(function)(session.user, application)
        if said is not None:
            yield said


def _load(function: str) -> Policy:
    policy: Policy = import_string(function)
    return policy
