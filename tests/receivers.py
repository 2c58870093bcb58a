"""HTTP servers on 127.0.0.1 that keep what they are sent, well-behaved and hostile.

with receiver(Answers(429, {"Retry-After": "7"})) as rp:
    post_form(rp.url, {"logout_token": "…"}, seconds=1)
assert [request.fields for request in rp.requests] == [{"logout_token": "…"}]
"""

import itertools
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import parse_headers
from threading import Event, Thread
from urllib.parse import parse_qsl

MOST_SECONDS = 60  # Nothing here outlives a test that went wrong.
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


@dataclass
class Receiver:
    """A server with a behaviour: what it does with each connection, which is closed afterwards."""

    behaviour: Callable[["Peer"], None]
    scheme: str
    address: tuple[str, int]
    closing: Event = field(default_factory=Event)
    connections: int = 0
    requests: list[Received] = field(default_factory=list)
    waker: tuple[str, int] | None = None
    broken: list[OSError] = field(default_factory=list)  # How connections ended that did not do so in order.

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.address[0]}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/backchannel-logout"


@dataclass(frozen=True)
class Peer:
    """One connection, as a behaviour sees it."""

    receiver: Receiver
    connection: socket.socket

    def read_request(self) -> Received:
        """Read a request and keep it."""
        with self.connection.makefile("rb") as stream:
            line = stream.readline().decode("latin-1")
            if not line:
                raise ConnectionError("the other side has gone")
            method, target, _ = line.split()
            headers = parse_headers(stream)
            request = Received(method, target, headers, stream.read(int(headers["Content-Length"])))
        self.receiver.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def send_each(self, pieces: Iterable[bytes], every: float = 0.0) -> None:
        """Send one piece after the other until the other side or the test has had enough."""
        for piece in pieces:
            self.send(piece)
            if self.wait(every):
                return

    def wait(self, seconds: float = MOST_SECONDS) -> bool:
        """Return whether the test is over, after so many seconds at most."""
        return self.receiver.closing.wait(seconds)


@contextmanager
def receiver(
    behaviour: Callable[[Peer], None], *, tls: ssl.SSLContext | None = None, scheme: str = "", host: str = "127.0.0.1"
) -> Iterator[Receiver]:
    """Run a server for the length of a block; `scheme` is only needed for one that lies about it."""
    with socket.create_server((host, 0)) as listening:
        listening.listen(128)
        address = listening.getsockname()[:2]
        served = Receiver(behaviour, scheme or ("https" if tls else "http"), address)
        thread = Thread(target=_serve, args=(served, listening, tls), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.closing.set()
            _wake(served)
            thread.join(MOST_SECONDS)


def _wake(served: Receiver) -> None:
    """End the server once it has taken every connection that was made before."""
    with socket.socket() as waker:
        waker.bind((served.address[0], 0))
        served.waker = waker.getsockname()
        waker.connect(served.address)


def _serve(served: Receiver, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
    threads = []
    while True:
        connection, peer_address = listening.accept()
        if peer_address == served.waker:
            connection.close()
            break
        served.connections += 1
        connection.settimeout(MOST_SECONDS)
        threads.append(Thread(target=_talk, args=(served, connection, tls), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join(MOST_SECONDS)


def _talk(served: Receiver, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        served.behaviour(Peer(served, connection))
    except OSError as error:
        served.broken.append(error)
    finally:
        connection.close()


class Answers:
    """Read a request and answer it, in so many seconds if it is to take its time."""

    def __init__(
        self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"", after: float = 0.0
    ) -> None:
        lines = {"Content-Length": str(len(body)), "Connection": "close"} | (headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.answer = f"HTTP/1.1 {status} Answer\r\n{head}\r\n".encode("latin-1") + body
        self.after = after

    def __call__(self, peer: Peer) -> None:
        peer.read_request()
        if not peer.wait(self.after):
            peer.send(self.answer)


class Sends:
    """Read a request, and send bytes of any kind."""

    def __init__(self, *pieces: bytes, every: float = 0.0) -> None:
        self.pieces = pieces
        self.every = every

    def __call__(self, peer: Peer) -> None:
        peer.read_request()
        peer.send_each(self.pieces, self.every)


class SendsForever:
    """Read a request, and send a beginning, and then the same piece for as long as somebody listens."""

    def __init__(self, beginning: bytes, piece: bytes, every: float = 0.0) -> None:
        self.beginning = beginning
        self.piece = piece
        self.every = every

    def __call__(self, peer: Peer) -> None:
        peer.read_request()
        peer.send(self.beginning)
        peer.send_each(itertools.repeat(self.piece), self.every)


def hangs(peer: Peer) -> None:
    """Take the connection, and say and read nothing."""
    peer.wait()


def hangs_after_request(peer: Peer) -> None:
    peer.read_request()
    peer.wait()


def resets(peer: Peer) -> None:
    """Read a request, and break the connection off."""
    peer.read_request()
    with suppress(OSError):
        peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
