"""Sessions whose time is over: by the project's policy, or because the session store has them no more."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from oidc_session import ending, lifetimes, session_store, tasks
from oidc_session.models import EndReason, OPSession
from oidc_session.tasks import Tell

USE = ("auth_time", "last_activity", "session_key_hash", "expires_at")
"""What shows that a session is used, one or the other."""


def end(batch: Sequence[OPSession], tell: Tell = tasks.tell_later) -> list[OPSession]:
    """End those that are over by the policy, or that the session store, asked now, has not; return them.

    One that is used meanwhile is left alone. What the store still has is looked at again later.
    """
    over, believed = _look_at(batch)
    for session, seconds in believed.items():
        _look_again(session, seconds)
    return ending.end(over, EndReason.EXPIRED, tell=tell, unless_changed=USE) if over else []


def found(batch: Sequence[OPSession]) -> list[OPSession]:
    """Return those that end() would end; nothing is written."""
    return _look_at(batch)[0]


def _look_at(batch: Sequence[OPSession]) -> tuple[list[OPSession], dict[OPSession, float]]:
    """Return those that are over, and for how many seconds to believe in each of the others."""
    by_policy = {session for session in batch if lifetimes.is_over(session)}
    others = [session for session in batch if session not in by_policy]
    lost = session_store.surely_lost(others)
    over, believed = list(by_policy), {}
    for session in others:
        seconds = None if session in lost else session_store.seconds_to_believe_in(session)
        if seconds is None:
            over.append(session)
        else:
            believed[session] = seconds
    return over, believed


def _look_again(session: OPSession, seconds: float) -> None:
    if session.expires_at < timezone.now():
        again = lifetimes.capped(session, timezone.now() + timedelta(seconds=seconds))
        OPSession.objects.filter(pk=session.pk).update(expires_at=again)
