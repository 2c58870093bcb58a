"""Where a person is signed in, and was lately, with the applications of each session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Prefetch, QuerySet, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oidc_session import outbox, overdue
from oidc_session.answers_in_words import answer_in_words, result_in_words
from oidc_session.browser_names import browser_name
from oidc_session.models import EndReason, OPSession, RPSession

ON_ONE_PAGE = 20
HISTORY = timedelta(days=30)
REASONS: dict[str, Promise] = {
    EndReason.LOGOUT: _("You signed out."),
    EndReason.RP_LOGOUT: _("You signed out in an application."),
    EndReason.USER: _("You ended it on this page."),
    EndReason.ADMIN: _("An administrator ended it."),
    EndReason.EXPIRED: _("It expired."),
    EndReason.REPLACED: _("Somebody else signed in in that browser."),
    EndReason.PASSWORD_CHANGE: _("Your password was changed."),
    EndReason.USER_INACTIVE: _("Your account was closed."),
    EndReason.TOO_MANY: _("You signed in in too many other browsers."),
}


@dataclass(frozen=True)
class Participant:
    """One application in a session: `answer` is what it said to its logout, in words."""

    pk: int
    name: str
    is_live: bool
    answer: str


@dataclass(frozen=True)
class SeenSession:
    """A session as its person sees it."""

    session: OPSession
    browser: str
    is_this_browser: bool
    participants: list[Participant]

    @property
    def live(self) -> list[Participant]:
        return [one for one in self.participants if one.is_live]

    @property
    def left(self) -> list[Participant]:
        return [one for one in self.participants if not one.is_live]

    @property
    def reason(self) -> str:
        return str(REASONS.get(self.session.end_reason, ""))


def live(own: OPSession, page: str | None = None) -> Page[SeenSession]:
    """Return one page of the live sessions of a session's person: this one first, then by last activity."""
    _end_what_has_expired(own.user_id)
    this_first = Case(When(pk=own.pk, then=0), default=1)
    found = _of_person(own.user_id).filter(ended_at=None).order_by(this_first, "-last_activity", "-pk")
    shown: Page[Any] = Paginator(found, ON_ONE_PAGE).get_page(page)
    shown.object_list = [_seen(session, own) for session in shown.object_list]
    return shown


def ended(own: OPSession) -> list[SeenSession]:
    """Return what has ended lately, the latest first, and no more than a page."""
    found = _of_person(own.user_id).filter(ended_at__gt=timezone.now() - HISTORY).order_by("-ended_at", "-pk")
    return [_seen(session, own) for session in found[:ON_ONE_PAGE]]


def result_of_leaving(rp_session: RPSession) -> str:
    """Return what became of signing out of this application, in words."""
    notices = rp_session.logout_notices.using(outbox.database()).filter(sid=rp_session.sid)
    return result_in_words(_name(rp_session), notices)


def _of_person(user_id: Any) -> QuerySet[OPSession]:
    """Look up a person's sessions where they are written: what was ended a moment ago is not to look live."""
    joined = RPSession.objects.select_related("application").prefetch_related("logout_notices").order_by("pk")
    found = OPSession.objects.using(outbox.database()).filter(user_id=user_id)
    return found.prefetch_related(Prefetch("rp_sessions", joined))


def _end_what_has_expired(user_id: Any) -> None:
    """Do at once, for a page of them at most, what the command would do later."""
    found = OPSession.objects.using(outbox.database()).live().filter(user_id=user_id, expires_at__lt=timezone.now())
    overdue.end(list(found[:ON_ONE_PAGE]))


def _seen(session: OPSession, own: OPSession) -> SeenSession:
    return SeenSession(
        session=session,
        browser=browser_name(session.user_agent),
        is_this_browser=session == own,
        participants=list(_participants(session)),
    )


def _participants(session: OPSession) -> Iterable[Participant]:
    for joined in session.rp_sessions.all():
        is_live = session.is_live and joined.ended_at is None
        notices = (notice for notice in joined.logout_notices.all() if notice.sid == joined.sid)
        answer = "" if is_live else answer_in_words(notices)
        yield Participant(joined.pk, _name(joined), is_live, answer)


def _name(joined: RPSession) -> str:
    return str(joined.application.name or joined.application.client_id)
