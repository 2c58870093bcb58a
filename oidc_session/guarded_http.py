"""HTTP requests to applications, which may be anybody's: OpenID Connect Back-Channel Logout 1.0, "Back-Channel Logout
Request".

No redirects, retries, cookies, or proxies of the environment; the body of an answer is not read.
"""

import re
import string
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, parse_headers
from io import BufferedReader, RawIOBase
from ssl import SSLCertVerificationError
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from django.utils.http import parse_http_date_safe

from oidc_session import __version__
from oidc_session.deadline_connection import CHUNK, Deadline, DeadlineConnection, connect
from oidc_session.delivery_target import Target, target_of
from oidc_session.exceptions import InvalidCertificate, NoAnswerInTime, NoConnection
from oidc_session.origins import origin_of
from oidc_session.tls_connection import TLSConnection

LONGEST_STATUS_LINE = 4096
MOST_ANSWERS = 10  # All but the last are interim ones: RFC 9110, "Informational 1xx".
STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9][0-9])(?: .*)?\r?\n", re.DOTALL)
SECONDS = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class Answer:
    """The final status of an answer, and in how many seconds it wants to be asked again; true for a success."""

    status: int
    retry_after: float | None = None

    def __bool__(self) -> bool:
        return self.status in (200, 204)


class Connection(Protocol):
    def send(self, data: bytes) -> None: ...

    def receive(self, most: int) -> bytes: ...


def post_form(url: str, fields: Mapping[str, str], seconds: float) -> Answer:
    """Post a form and return the answer that came within so many seconds; a DeliveryError where none did."""
    body = urlencode(fields).encode()
    with _connected(url, seconds) as (connection, target):
        return _exchange(connection, _head(url, target, len(body)) + body)


def reach(url: str, seconds: float) -> None:
    """Connect as post_form() does, and send nothing; a DeliveryError where that is not to be had."""
    with _connected(url, seconds):
        pass


@contextmanager
def _connected(url: str, seconds: float) -> Iterator[tuple[Connection, Target]]:
    deadline = Deadline(seconds)
    with _delivery_errors(url):
        target = target_of(url)
        with connect(target.host, target.port, target.permits, deadline) as connection:
            yield _secured(connection, target), target


@contextmanager
def _delivery_errors(url: str) -> Iterator[None]:
    """Say whatever goes wrong in our words; nothing that the other side sent is in them."""
    receiver = origin_of(url) or "a URL without an origin"
    try:
        yield
    except TimeoutError as error:
        raise NoAnswerInTime(f"{receiver}: {error}") from error
    except SSLCertVerificationError as error:
        raise InvalidCertificate(f"{receiver}: {error.verify_message}") from error
    except (OSError, ValueError, HTTPException) as error:
        raise NoConnection(f"{receiver}: {error}") from error


def _secured(connection: DeadlineConnection, target: Target) -> Connection:
    return TLSConnection(connection, target.public_host.removesuffix(".")) if target.is_tls else connection


def _head(url: str, target: Target, length: int) -> bytes:
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    lines = (
        f"POST {quote(path, safe=string.punctuation)} HTTP/1.1",
        f"Host: {target.public_authority}",
        f"User-Agent: django-oidc-session/{__version__}",
        "Accept: */*",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {length}",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _exchange(connection: Connection, request: bytes) -> Answer:
    connection.send(request)
    with BufferedReader(_Stream(connection), CHUNK) as stream:
        for _ in range(MOST_ANSWERS):
            status = _status(stream.readline(LONGEST_STATUS_LINE))
            headers = parse_headers(stream)
            if status >= 200:
                return Answer(status, _retry_after(headers.get("Retry-After", "")))
    raise ValueError("the answer does not come to an end")


class _Stream(RawIOBase):
    """What a connection receives, for those who read a file; it has no end but an exception."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._connection.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _status(line: bytes) -> int:
    if not (found := STATUS_LINE.fullmatch(line)):
        raise ValueError("the answer is not HTTP")
    return int(found[1])


def _retry_after(value: str) -> float | None:
    """Return how many seconds from now a Retry-After means, a number or a date: RFC 9110, "Retry-After"."""
    if SECONDS.fullmatch(value.strip()):
        return float(value)
    moment = parse_http_date_safe(value.strip())
    return None if moment is None else max(0.0, moment - time.time())
