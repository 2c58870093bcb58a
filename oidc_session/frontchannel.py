"""Telling applications in the browser.

OpenID Connect Front-Channel Logout 1.0, "OpenID Provider Logout Functionality".
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from django.db import router
from django.db.models import F
from django.utils import timezone

from oidc_session.conf import conf
from oidc_session.logout_uris import usable_uri
from oidc_session.models import LogoutNotice, OPSession
from oidc_session.origins import origin_of

Channel, State, Problem = LogoutNotice.Channel, LogoutNotice.State, LogoutNotice.Problem

SHOW_AGAIN = timedelta(minutes=1)  # To who signs out by a double click: the browser drops the first page.
POLICY_SOURCE = re.compile(r"https?://[a-z0-9._-]+(:[0-9]+)?")  # CSP 3, "host-source": no IPv6, and nothing to add.


class Outcome(StrEnum):
    """What is true of an application after a logout, from the best to the worst."""

    SIGNED_OUT = "signed-out"
    ASKED = "asked"
    BEING_TOLD = "being-told"
    UNKNOWN = "unknown"


BEST_FIRST = list(Outcome)
OUTCOMES = {
    State.DELIVERED: Outcome.SIGNED_OUT,
    State.SHOWN: Outcome.ASKED,
    State.PENDING: Outcome.BEING_TOLD,
    State.FAILED: Outcome.UNKNOWN,
    State.UNTOLD: Outcome.UNKNOWN,
}


@dataclass(frozen=True)
class Told:
    """What is true of one application, and the frames that ask it in this browser."""

    name: str
    outcome: Outcome
    frames: tuple[str, ...] = ()


def show(session: OPSession) -> list[Told]:
    """Take down that the frames of an ended session are shown now, and return what is true of its applications."""
    notices = list(_notices(session))
    may_show = [notice for notice in notices if _may_show(notice)]
    frames = {notice.pk: uri for notice in may_show if (uri := frame_uri(notice))}
    _take_down(frames, [notice.pk for notice in may_show if notice.pk not in frames])
    by_client = defaultdict(list)
    for notice in notices:
        by_client[notice.client_id].append(notice)
    told = [_told(notices, frames) for notices in by_client.values()]
    return sorted(told, key=lambda one: (BEST_FIRST.index(one.outcome), one.name.casefold()))


def frame_uri(notice: LogoutNotice) -> str:
    """Return where a notice's frame leads; nowhere where the application may not be told in this way."""
    application = notice.application
    uri = usable_uri("frontchannel_logout_uri", application) if application else ""
    return logout_uri(uri, notice.iss, notice.sid) if policy_source(uri) else ""


def logout_uri(uri: str, iss: str, sid: str) -> str:
    """Add the parameters of the specification to a logout URI, whose own query stays as it was registered."""
    _, has_query, query = uri.partition("?")
    separator = "&" if query and not query.endswith("&") else "" if has_query else "?"
    return f"{uri}{separator}iss={quote(iss, safe='')}&sid={quote(sid, safe='')}"


def policy_source(uri: str) -> str:
    """Return the origin of a URI for a Content Security Policy; none where no policy can name it."""
    origin = origin_of(uri) or ""
    return origin if POLICY_SOURCE.fullmatch(origin) else ""


def _notices(session: OPSession) -> Iterable[LogoutNotice]:
    notices = LogoutNotice.objects.using(_database()).filter(rp_session__op_session=session.pk)
    return notices.select_related("application__logout_settings")


def _may_show(notice: LogoutNotice) -> bool:
    if notice.channel != Channel.FRONTCHANNEL or not conf.FRONTCHANNEL_LOGOUT_ENABLED:
        return False
    if notice.state == State.SHOWN:
        return notice.closed_at is not None and notice.closed_at > timezone.now() - SHOW_AGAIN
    return notice.state == State.UNTOLD


def _take_down(shown: Iterable[UUID], unusable: Iterable[UUID]) -> None:
    now, notices = timezone.now(), LogoutNotice.objects.using(_database())
    if shown:
        changes = {"state": State.SHOWN, "problem": "", "closed_at": now, "last_attempt_at": now}
        notices.filter(pk__in=shown).update(attempts=F("attempts") + 1, **changes)
    if unusable:
        notices.filter(pk__in=unusable, problem=Problem.NO_BROWSER).update(problem=Problem.NO_URI)


def _told(notices: list[LogoutNotice], frames: dict[UUID, str]) -> Told:
    """Return what is true of the application of these notices: the best that one of them says."""
    outcomes = [Outcome.ASKED if notice.pk in frames else OUTCOMES[State(notice.state)] for notice in notices]
    asking = dict.fromkeys(frames[notice.pk] for notice in notices if notice.pk in frames)
    return Told(_name(notices[0]), min(outcomes, key=BEST_FIRST.index), tuple(asking))


def _name(notice: LogoutNotice) -> str:
    return getattr(notice.application, "name", "") or notice.client_id


def _database() -> str:
    return router.db_for_write(LogoutNotice)
