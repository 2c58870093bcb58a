"""What an application answered to a logout, told to the person."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from oidc_session.models import LogoutNotice

State, Problem = LogoutNotice.State, LogoutNotice.Problem

BEST_FIRST = [State.DELIVERED, State.SHOWN, State.PENDING, State.FAILED, State.UNTOLD]
ANSWERS: dict[str, Promise] = {
    State.DELIVERED: _("signed you out"),
    State.SHOWN: _("was asked to sign you out in that browser"),
    State.PENDING: _("is being told to sign you out"),
    State.FAILED: _("did not answer: you may still be signed in there"),
    State.UNTOLD: _("could not be told: you may still be signed in there"),
}
REFUSALS: dict[str, Promise] = {
    Problem.ANSWER: _("answered that it failed: you may still be signed in there"),
    Problem.NO_URI: _("has no logout URI: you may still be signed in there"),
    Problem.NO_BROWSER: _("can be told in its browser alone: you may still be signed in there"),
}


def answer_in_words(notices: Iterable[LogoutNotice]) -> str:
    """Return the best that one of the notices of an RP session says; nothing where none was owed."""
    best = _best(notices)
    if best is None:
        return ""
    is_open = best.state in (State.FAILED, State.UNTOLD)
    return str((REFUSALS if is_open else {}).get(best.problem, ANSWERS[best.state]))


def result_in_words(name: str, notices: Iterable[LogoutNotice]) -> str:
    """Return what became of signing out of an application: that it is so is said where the application said so."""
    found = list(notices)
    best = _best(found)
    if best is None:
        return gettext("%(name)s was not told: you may still be signed in there.") % {"name": name}
    if best.state == State.DELIVERED:
        return gettext("You are signed out of %(name)s.") % {"name": name}
    return gettext("%(name)s %(answer)s.") % {"name": name, "answer": answer_in_words(found)}


def _best(notices: Iterable[LogoutNotice]) -> LogoutNotice | None:
    return min(notices, key=lambda notice: BEST_FIRST.index(State(notice.state)), default=None)
