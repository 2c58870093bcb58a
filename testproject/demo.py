"""The worked example: migrate, seed, and run the provider and the application until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from urllib.parse import urlsplit

import requests

from testproject.environment import OP_URL, PASSWORD, ROOT, RP_URL

OP, RP = "testproject.op", "testproject.rp"
SECONDS_TO_START = 30
WELCOME = f"""
  Provider     {OP_URL}/
  Application  {RP_URL}/

  People       alice, bob, admin   (password: {PASSWORD})

  To try: sign in at the application, open the provider in another tab and sign out there.
  The application notices at once. Ctrl-C stops both.
"""


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    listeners = [listener(OP_URL), listener(RP_URL)]
    manage("migrate", OP)
    manage("seed", OP)
    manage("migrate", RP)
    with serving(OP, listeners[0]) as provider, serving(RP, listeners[1]) as application:
        if all(answers(url) for url in (OP_URL, RP_URL)):
            print(WELCOME, flush=True)
            wait_for_end(provider, application)
        else:
            sys.exit("The servers did not start.")


def listener(url: str) -> socket.socket:
    """Take the port that the URL names."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        sys.exit(f"{url}: the demo serves http alone; for https start both projects behind a TLS proxy.")
    try:
        return socket.create_server((parts.hostname or "localhost", parts.port or 80))
    except OSError as error:
        sys.exit(f"{url}: {os.strerror(error.errno or 0)}. Choose other addresses with OP_URL and RP_URL.")


def manage(command: str, project: str) -> None:
    arguments = [command, "--verbosity", "0", "--settings", f"{project}.settings"]
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, check=True)  # noqa: S603


@contextmanager
def serving(project: str, listening: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """Run the project's ASGI application until the block ends."""
    options = ["--fd", str(listening.fileno()), "--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "uvicorn", f"{project}.asgi:application", *options],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": f"{project}.settings"},
        pass_fds=[listening.fileno()],
        start_new_session=True,  # Ctrl-C reaches this process alone, which stops both in order.
    )
    listening.close()
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def answers(url: str) -> bool:
    for _ in range(SECONDS_TO_START * 10):
        try:
            return requests.get(url, timeout=SECONDS_TO_START).ok
        except requests.ConnectionError:
            time.sleep(0.1)
    return False


def wait_for_end(*servers: subprocess.Popen[bytes]) -> None:
    while all(server.poll() is None for server in servers):
        time.sleep(0.2)
    print("A server has stopped.", file=sys.stderr)


def interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped.")
