"""TLS over a DeadlineConnection.

Between OpenSSL and the socket, so that each byte of the handshake, and of what comes after it, is counted and timed:
`SSLSocket` would go on within one read as long as a peer sends it session tickets.
"""

import os
import ssl
from collections.abc import Callable
from functools import cache, partial
from threading import Lock
from typing import TypeVar

from oidc_session.deadline_connection import CHUNK, DeadlineConnection

T = TypeVar("T")


class TLSConnection:
    """An encrypted connection to the server that the certificate names."""

    def __init__(self, connection: DeadlineConnection, server_name: str) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context().wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._complete(self._tls.do_handshake)

    def send(self, data: bytes) -> None:
        while data:
            written = self._complete(partial(self._tls.write, data))
            data = data[written:]

    def receive(self, most: int) -> bytes:
        data = self._complete(partial(self._tls.read, most))
        if not data:
            raise ConnectionError("the connection was closed before the end of the answer")
        return data

    def _complete(self, step: Callable[[], T]) -> T:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()
            self._incoming.write(self._connection.receive(CHUNK))

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._connection.send(data)


_lock = Lock()


def context() -> ssl.SSLContext:
    """Return the one SSL context of this process: making one takes as long as many requests do."""
    with _lock:
        return _make_context()


@cache
def _make_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _renew_lock() -> None:
    """Free a process that was forked while another thread held the lock."""
    global _lock
    _lock = Lock()


os.register_at_fork(after_in_child=_renew_lock)
