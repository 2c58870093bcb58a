"""A TCP connection that is over by a deadline, whatever the other side does."""

import socket
import struct
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import Any, Self

from oidc_session.exceptions import PrivateAddress

MOST_RECEIVED = 256 * 1024  # Bytes, of a TLS handshake and an answer's headers.
CHUNK = 16 * 1024
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: what is not on its way yet is thrown away.

Found = tuple[Any, ...]  # An entry of socket.getaddrinfo().


class Deadline:
    """A moment so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._moment = monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left, more than zero; TimeoutError where there are none."""
        left = self._moment - monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        return left


class DeadlineConnection:
    """What send() and receive() need is bounded in all: by the deadline, and by MOST_RECEIVED."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline
        self._received = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *args: object) -> None:
        if kind and issubclass(kind, TimeoutError):  # Or the kernel would go on sending after the deadline.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)  # The timeout is for all of it.

    def receive(self, most: int) -> bytes:
        """Return the next bytes, never none: an end before the answer's, or too much of it, is a ConnectionError."""
        self._socket.settimeout(self._deadline.left())
        data = self._socket.recv(most)
        self._received += len(data)
        if not data:
            raise ConnectionError("the connection was closed before the end of the answer")
        if self._received > MOST_RECEIVED:
            raise ConnectionError("the answer is too long")
        return data


def connect(host: str, port: int, may_connect: Callable[[str], bool], deadline: Deadline) -> DeadlineConnection:
    """Connect to the first address that may be, and answers; PrivateAddress where none may be.

    The name is looked up once, and it is the addresses found that are asked about and connected to: a second answer
    of a hostile DNS server has nothing to change.
    """
    found = _look_up(host, port, deadline)
    permitted = [entry for entry in found if may_connect(entry[4][0])]
    if not permitted:
        raise PrivateAddress(
            f"{host} is at {found[0][4][0]}: OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS must have it"
        )
    return DeadlineConnection(_first_to_answer(permitted, deadline), deadline)


def _look_up(host: str, port: int, deadline: Deadline) -> list[Found]:
    """Ask for addresses in a thread of its own: a name server that is slow can't be interrupted, only left behind."""
    answer: Future[list[Found]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answer.set_exception(error)

    Thread(target=ask, name="look-up", daemon=True).start()
    return answer.result(deadline.left())


def _first_to_answer(found: list[Found], deadline: Deadline) -> socket.socket:
    """Try one address after the other; none may use up the time of those after it."""
    *others, last = found
    for number, entry in enumerate(others):
        with suppress(OSError):
            return _open(entry, deadline.left() / (len(found) - number))
    return _open(last, deadline.left())


def _open(entry: Found, seconds: float) -> socket.socket:
    family, kind, protocol, _, address = entry
    opened = socket.socket(family, kind, protocol)
    try:
        opened.settimeout(seconds)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened
