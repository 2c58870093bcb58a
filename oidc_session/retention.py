"""Forgetting what is over: sessions that ended long ago, what was written of them, and ties to tokens that are gone."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import router
from django.db.models import ProtectedError, Q, QuerySet, RestrictedError

from oidc_session import credentials
from oidc_session.models import ApplicationLogout, Credential, LogoutNotice, OPSession

logger = logging.getLogger(__name__)

SESSIONS, FAILED = "sessions", "sessions that could not be deleted"
NAMES = {
    OPSession._meta.label: SESSIONS,
    "oidc_session.RPSession": "applications of sessions",
    Credential._meta.label: "ties to tokens",
    LogoutNotice._meta.label: "logout notices",
    ApplicationLogout._meta.label: "logouts of everybody",
}


class Retention:
    """Delete, or count, what was over before a time; `found` has the numbers by name."""

    def __init__(self, before: datetime, batch_size: int, *, dry_run: bool = False) -> None:
        self.before = before
        self.batch_size = batch_size
        self.dry_run = dry_run
        self.found: Counter[str] = Counter()

    def run(self) -> Iterator[Counter[str]]:
        """Yield the numbers after each batch. A notice that is still to be sent keeps its session, and is kept."""
        yield from self._delete_notices()
        for keys in self._batches(_rows(OPSession).filter(ended_at__lt=self.before)):
            self._delete_sessions(keys - self._wanted(keys))
            yield self.found
        for keys in self._batches(_rows(Credential)):
            self._delete(_rows(Credential).filter(pk__in=credentials.without_object(keys)))
            yield self.found
        self._delete(_rows(ApplicationLogout).filter(finished_at__lt=self.before))
        yield self.found

    def _delete_notices(self) -> Iterator[Counter[str]]:
        over = _rows(LogoutNotice).filter(self._is_over(), created_at__lt=self.before).order_by("created_at")
        if self.dry_run:
            self._delete(over)
        while not self.dry_run and (keys := list(over.values_list("pk", flat=True)[: self.batch_size])):
            self._delete(over.filter(pk__in=keys))
            yield self.found

    def _batches(self, rows: QuerySet[Any]) -> Iterator[set[Any]]:
        last = 0
        while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[: self.batch_size]):
            yield set(keys)
            last = keys[-1]

    def _wanted(self, keys: Iterable[Any]) -> set[Any]:
        """Return which of these sessions have notices that are not over, or refresh tokens that outlive them."""
        notices = _rows(LogoutNotice).filter(rp_session__op_session__in=keys).exclude(self._is_over())
        return set(notices.values_list("rp_session__op_session", flat=True)) | credentials.outlived(keys)

    def _is_over(self) -> Q:
        return Q(closed_at__lt=self.before) & ~Q(state=LogoutNotice.State.PENDING)

    def _delete_sessions(self, keys: set[Any]) -> None:
        try:
            self._delete(_rows(OPSession).filter(pk__in=keys))
        except (ProtectedError, RestrictedError, DatabaseFailure) as error:  # By a model of the project's, say.
            logger.error("Sessions not deleted sessions=%s error=%s", len(keys), type(error).__name__)
            self.found[FAILED] += len(keys)

    def _delete(self, rows: QuerySet[Any]) -> None:
        numbers = {rows.model._meta.label: rows.count()} if self.dry_run else rows.order_by().delete()[1]
        self.found.update({NAMES[label]: number for label, number in numbers.items() if label in NAMES})


def _rows(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.using(router.db_for_write(model))
    return rows
