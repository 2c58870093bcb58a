"""Sessions in the database."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import router
from django.db.models import F, Q, QuerySet

from oidc_session.rp.conf import conf
from oidc_session.rp.handles import mark
from oidc_session.rp.models import LoginUnderWay, StoredDraft, StoredSession
from oidc_session.rp.session import Session
from oidc_session.rp.store import Glance, Store, sealed, unsealed

AT_ONCE = 500  # Keys in a query: some databases have limits.


class DatabaseStore(Store):
    def create(self, session: Session) -> None:
        self._sessions.create(
            key=session.key, started_at=session.started_at, used_at=session.used_at, **_content(session)
        )

    def get(self, key: str) -> Session | None:
        row = self._sessions.filter(key=key).first()
        if row is None:
            return None
        return unsealed(row.sealed, key, version=row.version, started_at=row.started_at, used_at=row.used_at)

    def glance(self, keys: Iterable[str]) -> dict[str, Glance]:
        found = {}
        for some in batched(keys, AT_ONCE):
            rows = self._sessions.filter(key__in=some).values_list("key", "version", "started_at", "used_at")
            found.update({key: Glance(version, started_at, used_at) for key, version, started_at, used_at in rows})
        return found

    def replace(self, session: Session) -> Session | None:
        same = self._sessions.filter(key=session.key, version=session.version)
        return self.get(session.key) if same.update(version=F("version") + 1, **_content(session)) else None

    def touch(self, key: str, used_at: float) -> None:
        self._sessions.filter(key=key).update(used_at=used_at)

    def remove(self, key: str) -> bool:
        return self._sessions.filter(key=key).delete()[0] > 0

    def remove_all(self, iss: str, *, sid: str = "", sub: str = "") -> None:
        of = {"sid_mark": mark(iss, sid)} if sid else {"sub_mark": mark(iss, sub)}
        self._sessions.filter(**of).delete()

    def lease(self, key: str, owner: str, seconds: float) -> bool:
        now = time.time()
        free = self._sessions.filter(Q(leased_until__lte=now) | Q(leased_by=owner), key=key)
        return free.update(leased_by=owner, leased_until=now + seconds) > 0

    def release(self, key: str, owner: str) -> None:
        self._sessions.filter(key=key, leased_by=owner).update(leased_until=0)

    def begin_login(self, key: str, sealed: str, seconds: int) -> None:
        self._logins.create(key=key, sealed=sealed, ends_at=time.time() + seconds)

    def take_login(self, key: str) -> str | None:
        login = self._logins.filter(key=key, ends_at__gt=time.time()).first()
        taken = login and self._logins.filter(key=key).delete()[0]
        return login.sealed if login and taken else None

    def keep_draft(self, key: str, sealed: str, owner: str, seconds: int) -> bool:
        now = time.time()
        content = {"sealed": sealed, "owner": owner, "ends_at": now + seconds}
        if self._drafts.filter(key=key).update(**content):
            return True
        if owner and self._drafts.filter(owner=owner, ends_at__gt=now).count() >= conf.drafts_per_person:
            return False
        self._drafts.bulk_create([StoredDraft(key=key, **content)], ignore_conflicts=True)  # Of two tabs one is first.
        return True

    def drafts(self, keys: list[str]) -> dict[str, str]:
        found = self._drafts.filter(key__in=keys, ends_at__gt=time.time())
        return dict(found.values_list("key", "sealed")) if keys else {}

    def forget_drafts(self, keys: list[str]) -> None:
        self._drafts.filter(key__in=keys).delete()

    def clear_expired(self) -> int:
        now = time.time()
        self._logins.filter(ends_at__lte=now).delete()
        self._drafts.filter(ends_at__lte=now).delete()
        return self._long_expired().delete()[0]

    def count_expired(self) -> int:
        return self._long_expired().count()

    def _long_expired(self) -> QuerySet[StoredSession]:
        long_ago = time.time() - conf.revivable_lifetime
        too_old = Q(started_at__lte=long_ago - conf.session_lifetime) | Q(used_at__lte=long_ago - conf.idle_lifetime)
        return self._sessions.filter(too_old)

    @property
    def _sessions(self) -> QuerySet[StoredSession]:
        return StoredSession.objects.using(conf.database or router.db_for_write(StoredSession))

    @property
    def _logins(self) -> QuerySet[LoginUnderWay]:
        return LoginUnderWay.objects.using(conf.database or router.db_for_write(LoginUnderWay))

    @property
    def _drafts(self) -> QuerySet[StoredDraft]:
        return StoredDraft.objects.using(conf.database or router.db_for_write(StoredDraft))


def _content(session: Session) -> dict[str, str]:
    return {
        "sealed": sealed(session),
        "sub_mark": mark(session.iss, session.sub),
        "sid_mark": mark(session.iss, session.sid) if session.sid else "",
    }


def batched(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    """Return the keys in lists of that size: itertools.batched() comes with Python 3.12."""
    remaining = iter(keys)
    return iter(lambda: list(islice(remaining, size)), [])
