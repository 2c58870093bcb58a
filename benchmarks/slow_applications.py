"""Applications in a process of their own, which take 20 ms to answer a logout token, and one that never does.

Says on standard output when it has answered whom. Run: python -m benchmarks.slow_applications FILE_DESCRIPTOR
"""

import asyncio
import re
import socket
import sys
import time

SECONDS = 0.02
LENGTH = re.compile(rb"Content-Length: ([0-9]+)")


async def main(listening: socket.socket) -> None:
    server = await asyncio.start_server(answer, sock=listening, backlog=1024)
    await server.serve_forever()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    await reader.readexactly(int(found[1]) if found else 0)
    path = head.split()[1].decode()
    await asyncio.sleep(3600 if path == "/hangs" else SECONDS)
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()
    print(time.monotonic(), path, flush=True)
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(socket.socket(fileno=int(sys.argv[1]))))
