"""Sessions in Django's cache.

A cache can't look for the sessions of a person, and knows no "write only if it is there". So a session names its links:
entries beside it that must hold the values that they held when it began. One of its own goes when it is removed, the
ones of its person and of the provider's session go at a logout; and with any of them the session.
"""

import secrets
import time
from collections.abc import Iterable
from typing import Any

from django.core.cache import BaseCache, caches

from oidc_session.rp.conf import conf
from oidc_session.rp.handles import mark
from oidc_session.rp.session import Session
from oidc_session.rp.store import Glance, Store, sealed, unsealed

Entry = dict[str, Any]


class CacheStore(Store):
    def create(self, session: Session) -> None:
        own = _name("own", session.key)
        links = {name: self._link(name) for name in (own, *_shared_links(session))}
        self._write(session, links)

    def get(self, key: str) -> Session | None:
        entry = self._entry(key)
        if entry is None:
            return None
        used_at = self._cache.get(_name("used", key), entry["used_at"])
        return unsealed(entry["sealed"], key, version=entry["version"], started_at=entry["started_at"], used_at=used_at)

    def glance(self, keys: Iterable[str]) -> dict[str, Glance]:
        names = {_name("session", key): key for key in keys}
        entries = self._cache.get_many(names)
        links = self._cache.get_many({name for entry in entries.values() for name in entry["links"]})
        used = self._cache.get_many([_name("used", key) for key in names.values()])
        return {
            names[name]: Glance(
                entry["version"], entry["started_at"], used.get(_name("used", names[name]), entry["used_at"])
            )
            for name, entry in entries.items()
            if entry["links"].items() <= links.items()
        }

    def replace(self, session: Session) -> Session | None:
        """Write under the lease: a cache compares and sets in two steps."""
        entry = self._entry(session.key)
        if entry is None or entry["version"] != session.version:
            return None
        own = _name("own", session.key)
        links = {own: entry["links"][own]} | {name: self._link(name) for name in _shared_links(session)}
        self._write(session, links, session.version + 1)
        return self.get(session.key)

    def touch(self, key: str, used_at: float) -> None:
        self._cache.set(_name("used", key), used_at, _lifetime())

    def remove(self, key: str) -> bool:
        self._cache.delete_many([_name("session", key), _name("used", key)])
        return self._cache.delete(_name("own", key))

    def remove_all(self, iss: str, *, sid: str = "", sub: str = "") -> None:
        self._cache.delete(_name("sid", mark(iss, sid)) if sid else _name("sub", mark(iss, sub)))

    def lease(self, key: str, owner: str, seconds: float) -> bool:
        name = _name("lease", key)
        return self._cache.add(name, owner, seconds) or (
            self._cache.get(name) == owner and self._cache.touch(name, seconds)
        )

    def release(self, key: str, owner: str) -> None:
        if self._cache.get(_name("lease", key)) == owner:
            self._cache.delete(_name("lease", key))

    def begin_login(self, key: str, sealed: str, seconds: int) -> None:
        self._cache.set(_name("login", key), sealed, seconds)

    def take_login(self, key: str) -> str | None:
        found: str | None = self._cache.get(_name("login", key))
        return found if found and self._cache.delete(_name("login", key)) else None

    def keep_draft(self, key: str, sealed: str, owner: str, seconds: int) -> bool:
        """Keep it, however many there are: a cache makes room by itself."""
        self._cache.set(_name("draft", key), sealed, seconds)
        return True

    def drafts(self, keys: list[str]) -> dict[str, str]:
        names = {_name("draft", key): key for key in keys}
        return {names[name]: sealed for name, sealed in self._cache.get_many(list(names)).items()}

    def forget_drafts(self, keys: list[str]) -> None:
        self._cache.delete_many([_name("draft", key) for key in keys])

    def clear_expired(self) -> int:
        """The cache forgets by itself."""
        return 0

    def count_expired(self) -> int:
        """See clear_expired()."""
        return 0

    @property
    def _cache(self) -> BaseCache:
        return caches[conf.cache]

    def _entry(self, key: str) -> Entry | None:
        entry: Entry | None = self._cache.get(_name("session", key))
        whole = entry is not None and self._cache.get_many(entry["links"]) == entry["links"]
        return entry if whole else None

    def _link(self, name: str) -> str:
        """Return what a link holds, for the first a new value; it must live as long as whoever names it."""
        value = self._cache.get_or_set(name, lambda: secrets.token_urlsafe(16), _lifetime())
        self._cache.touch(name, _lifetime())
        return str(value)

    def _write(self, session: Session, links: dict[str, str], version: int = 0) -> None:
        entry = {
            "sealed": sealed(session),
            "version": version,
            "started_at": session.started_at,
            "used_at": session.used_at,
            "links": links,
        }
        remaining = session.started_at + _lifetime() - time.time()
        self._cache.set(_name("session", session.key), entry, remaining)


def _shared_links(session: Session) -> list[str]:
    links = [_name("sub", mark(session.iss, session.sub))]
    return [*links, _name("sid", mark(session.iss, session.sid))] if session.sid else links


def _name(what: str, key: str) -> str:
    return f"oidc_rp:{what}:{key}"


def _lifetime() -> int:
    return conf.session_lifetime + conf.revivable_lifetime
