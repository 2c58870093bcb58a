"""The one thread of a process that hands notices to the project's task queue: one that hangs holds up no logout."""

import atexit
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread

from django.db import connections

from oidc_session.per_process import per_process

MOST_KEPT = 1_000  # The rest is in the outbox alone, for the command.
PATIENCE = 5.0  # Seconds, when the process ends.

Step = Callable[[], bool]
"""Enqueues something, and returns whether that went well."""


class Enqueuing:
    """Take one step after the other; the thread ends when there are none left."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: deque[Step] = deque(maxlen=MOST_KEPT)
        self.thread: Thread | None = None

    def add(self, step: Step) -> None:
        with self.lock:
            self.waiting.append(step)
            if self.thread is None:
                # A daemon: a process can't end before the other threads.
                self.thread = Thread(target=self.work, name="logout-notices-to-queue", daemon=True)
                self.thread.start()

    def work(self) -> None:
        try:
            while step := self.next_step():
                if not step():  # Nor would the others go well: each would wait as long for a queue that is down.
                    self.waiting.clear()
        finally:
            connections.close_all()

    def next_step(self) -> Step | None:
        """Return the next step; if there is none, the thread is over with this."""
        with self.lock:
            if self.waiting:
                return self.waiting.popleft()
            self.thread = None
            return None

    def finish(self) -> None:
        """Wait a moment for what is left."""
        if thread := self.thread:
            thread.join(PATIENCE)


@per_process
def enqueuing() -> Enqueuing:
    own = Enqueuing()
    atexit.register(own.finish)
    return own
