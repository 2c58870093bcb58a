"""Telling applications in the browser.

OpenID Connect Front-Channel Logout 1.0, "OpenID Provider Logout Functionality".
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from oidc_session import metrics, outbox
from oidc_session.conf import conf
from oidc_session.logout_uris import usable_uri
from oidc_session.models import LogoutNotice, OPSession
from oidc_session.outbox import Channel, Problem, State

logger = logging.getLogger(__name__)

SHOW_AGAIN = timedelta(minutes=1)  # To who signs out by a double click: the browser drops the first page.


class Standing(StrEnum):
    """What is true of an application after a logout, from the best to the worst."""

    SIGNED_OUT = "signed-out"
    INITIATED = "initiated"
    ASKED = "asked"
    BEING_TOLD = "being-told"
    UNKNOWN = "unknown"


BEST_FIRST = list(Standing)
STANDINGS = {
    State.DELIVERED: Standing.SIGNED_OUT,
    State.SHOWN: Standing.ASKED,
    State.PENDING: Standing.BEING_TOLD,
    State.FAILED: Standing.UNKNOWN,
    State.UNTOLD: Standing.UNKNOWN,
}


@dataclass(frozen=True)
class Told:
    """What is true of one application, and where the frame leads that asks it in this browser, if there is one."""

    name: str
    standing: Standing
    frame: str = ""
    client_id: str = ""


def show(session: OPSession, initiator: str = "") -> list[Told]:
    """Take down that the frames of an ended session are shown now, and return what is true of its applications.

    The client that asked for the logout knows of it, even if it can't be told.
    """
    notices = list(_notices(session))
    may_show = [notice for notice in notices if _may_show(notice)]
    frames = {notice.pk: uri for notice in may_show if (uri := frame_uri(notice))}
    _take_down(may_show, frames)
    return _all_told(notices, frames, initiator)


def look(session: OPSession, initiator: str = "") -> list[Told]:
    """Return what is true of the applications by now, and show nothing. See show()."""
    return _all_told(list(_notices(session)), {}, initiator)


def _all_told(notices: list[LogoutNotice], frames: dict[UUID, str], initiator: str) -> list[Told]:
    by_client = defaultdict(list)
    for notice in notices:
        by_client[notice.client_id].append(notice)
    told = [_told(notices, frames, initiator) for notices in by_client.values()]
    return sorted(told, key=lambda one: (BEST_FIRST.index(one.standing), one.name.casefold()))


def frame_uri(notice: LogoutNotice) -> str:
    """Return where a notice's frame leads; nowhere where the application may not be told in this way."""
    application = notice.application
    uri = usable_uri("frontchannel_logout_uri", application) if application else ""
    return logout_uri(uri, notice.iss, notice.sid) if uri else ""


def logout_uri(uri: str, iss: str, sid: str) -> str:
    """Add the parameters of the specification to a logout URI, whose own query stays as it was registered."""
    _, has_query, query = uri.partition("?")
    separator = "&" if query and not query.endswith("&") else "" if has_query else "?"
    return f"{uri}{separator}iss={quote(iss, safe='')}&sid={quote(sid, safe='')}"


def _notices(session: OPSession) -> Iterable[LogoutNotice]:
    """Return what is owed, but not what was when an application left a session that it joined again."""
    notices = LogoutNotice.objects.using(outbox.database()).filter(rp_session__op_session=session.pk)
    return notices.filter(sid=F("rp_session__sid")).select_related("application__logout_settings")


def _may_show(notice: LogoutNotice) -> bool:
    if notice.channel != Channel.FRONTCHANNEL or not conf.FRONTCHANNEL_LOGOUT_ENABLED:
        return False
    if notice.state == State.SHOWN:
        return notice.closed_at is not None and notice.closed_at > timezone.now() - SHOW_AGAIN
    return notice.state == State.UNTOLD


def _take_down(notices: list[LogoutNotice], frames: dict[UUID, str]) -> None:
    rows, closed = LogoutNotice.objects.using(outbox.database()), outbox.closing_fields(State.SHOWN)
    if frames:
        attempt = {"attempts": F("attempts") + 1, "last_attempt_at": closed["closed_at"]}
        rows.filter(pk__in=frames).update(**closed, **attempt)
    if unusable := [notice.pk for notice in notices if notice.pk not in frames]:
        rows.filter(pk__in=unusable, problem=Problem.NO_BROWSER).update(problem=Problem.NO_URI)
    metrics.notices_shown(len(frames))
    for notice in notices:
        logger.info("Logout notice %s client_id=%s", "shown" if notice.pk in frames else "untold", notice.client_id)


def _told(notices: list[LogoutNotice], frames: dict[UUID, str], initiator: str) -> Told:
    """Return what is true of the application of these notices: the best that one of them says."""
    standings = [Standing.ASKED if notice.pk in frames else STANDINGS[State(notice.state)] for notice in notices]
    frame = next((frames[notice.pk] for notice in notices if notice.pk in frames), "")
    standing = min(standings, key=BEST_FIRST.index)
    if standing == Standing.UNKNOWN and notices[0].client_id == initiator:
        standing = Standing.INITIATED
    return Told(_name(notices[0]), standing, frame, notices[0].client_id)


def _name(notice: LogoutNotice) -> str:
    return getattr(notice.application, "name", "") or notice.client_id
