"""Tells open streams what becomes of their sessions: one task in each process asks for all of them at once."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from weakref import WeakKeyDictionary

from django.db import connections

from oidc_session.rp.conf import conf
from oidc_session.rp.session import Session, State
from oidc_session.rp.store import Glance
from oidc_session.rp.stores import store

logger = logging.getLogger(__name__)

Known = dict[str, Session | None]
_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, "Watcher"] = WeakKeyDictionary()


class Watch:
    """One stream's session, and its changes of state."""

    def __init__(self, session: Session) -> None:
        self.state = session.state
        self._changes: asyncio.Queue[State] = asyncio.Queue()

    async def change(self) -> State:
        """Return the next state that differs from the last."""
        return await self._changes.get()

    def learn(self, session: Session | None) -> None:
        state = session.state if session else State.GONE
        if state != self.state:
            self.state = state
            self._changes.put_nowait(state)


class Watcher:
    """Looks while somebody watches; of each session it keeps what says its state, and no more."""

    def __init__(self) -> None:
        self._known: Known = {}
        self._watches: dict[str, set[Watch]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, session: Session) -> Iterator[Watch]:
        watch = Watch(session)
        self._join(session, watch)
        try:
            yield watch
        finally:
            self._leave(session.key, watch)

    def _join(self, session: Session, watch: Watch) -> None:
        self._known.setdefault(session.key, _without_secrets(session))
        self._watches.setdefault(session.key, set()).add(watch)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def _leave(self, key: str, watch: Watch) -> None:
        self._watches[key].discard(watch)
        if not self._watches[key]:
            del self._watches[key], self._known[key]
        if not self._watches and self._task:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        """Look from a thread with a connection of its own: no request's ends before its stream does."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="oidc_session_rp")
        try:
            while True:
                await asyncio.sleep(conf.events_interval)
                await self._look(executor)
        finally:
            executor.submit(connections.close_all)
            executor.shutdown(wait=False)

    async def _look(self, executor: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(executor, _as_they_are, dict(self._known))
        except Exception as error:  # Nobody is signed out for a hiccup of the store.
            logger.warning("Sessions can't be watched reason=%s", type(error).__name__)
            await loop.run_in_executor(executor, connections.close_all)
        else:
            self._tell(found)

    def _tell(self, found: Known) -> None:
        for key in found.keys() & self._watches.keys():
            self._known[key] = found[key]
            for watch in self._watches[key]:
                watch.learn(found[key])


def watcher() -> Watcher:
    """Return the one of this event loop."""
    return _watchers.setdefault(asyncio.get_running_loop(), Watcher())


def _as_they_are(known: Known) -> Known:
    seen = store().glance(known)
    return {key: _as_it_is(key, session, seen.get(key)) for key, session in known.items()}


def _as_it_is(key: str, session: Session | None, seen: Glance | None) -> Session | None:
    """Return a session as it is now; it is decrypted only where somebody has written it."""
    if seen is None:
        return None
    if session and session.version == seen.version:
        return replace(session, used_at=seen.used_at)
    current = store().get(key)
    return _without_secrets(current) if current else None


def _without_secrets(session: Session) -> Session:
    bare = replace(session, id_token="", access_token="", refresh_token="")
    return replace(bare, id_claims={}, claims={}, groups=[])
