"""People who authorize again and again, each over a connection of their own."""

import asyncio
import re
import time
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
GRANTED = re.compile(rb"\r\nlocation: [^\r]*[?&]code=", re.IGNORECASE)


@dataclass(frozen=True)
class Done:
    rate: float
    """Authorizations a second."""
    errors: int


async def authorize_for(seconds: float, port: int, requests: list[bytes]) -> Done:
    """Send each request again and again for so many seconds."""
    deadline = time.monotonic() + seconds
    granted = await asyncio.gather(*(authorize_until(deadline, port, request) for request in requests))
    answers = [one for each in granted for one in each]
    return Done(sum(answers) / seconds, answers.count(False))


async def authorize_until(deadline: float, port: int, request: bytes) -> list[bool]:
    """Return of each answer whether it grants something."""
    answers = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < deadline:
        try:
            head = await ask(reader, writer, request)
        except (asyncio.IncompleteReadError, ConnectionError):  # The server may close a connection after an answer.
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        answers.append(bool(GRANTED.search(head)))
    writer.close()
    return answers


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    await reader.readexactly(int(found[1]) if found else 0)
    return head
