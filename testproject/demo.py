"""The worked example: migrate, seed, and run the provider and two applications until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from urllib.parse import urlsplit

import requests

from testproject.environment import OP_URL, PASSWORD, ROOT, RP_URL, SECOND_RP_URL, of_second_rp

OP, RP = "testproject.op", "testproject.rp"
SECONDS_TO_START = 30
SERVERS: dict[str, tuple[str, dict[str, str]]] = {
    OP_URL: (OP, {}),
    RP_URL: (RP, {}),
    SECOND_RP_URL: (RP, of_second_rp(SECOND_RP_URL, RP_URL)),
}
SENDER = ["django", "send_logout_notices", "--loop"]  # Of notices that an application did not take at once.
WELCOME = f"""
  Provider             {OP_URL}/
  Application          {RP_URL}/
  Second application   {SECOND_RP_URL}/

  People               alice, bob, admin   (password: {PASSWORD})

  To try: sign in at both applications (the second asks for no password), and sign out at one of them or at the
  provider. The other is signed out, too, and its open page notices at once. Ctrl-C stops all.
"""


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    listeners = {url: listener(url) for url in SERVERS}
    for project, environment in SERVERS.values():
        manage("migrate", project, environment)
    manage("seed", OP)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(*SERVERS[url], listeners[url])) for url in SERVERS]
        sender = stack.enter_context(running(SENDER, OP, {}))
        if all(answers(url) for url in SERVERS):
            print(WELCOME, flush=True)
            wait_for_end(*servers, sender)
        else:
            sys.exit("The servers did not start.")


def listener(url: str) -> socket.socket:
    """Take the port that the URL names."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        sys.exit(f"{url}: the demo serves http alone; for https start the projects behind a TLS proxy.")
    try:
        return socket.create_server((parts.hostname or "localhost", parts.port or 80))
    except OSError as error:
        sys.exit(f"{url}: {os.strerror(error.errno or 0)}. To change addresses: OP_URL, RP_URL, SECOND_RP_URL.")


def manage(command: str, project: str, environment: dict[str, str] | None = None) -> None:
    arguments = [command, "--verbosity", "0", "--settings", f"{project}.settings"]
    run = os.environ | (environment or {})
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, env=run, check=True)  # noqa: S603


@contextmanager
def serving(project: str, environment: dict[str, str], listening: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """Run the project's ASGI application until the block ends."""
    options = ["--fd", str(listening.fileno()), "--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    command = ["uvicorn", f"{project}.asgi:application", *options]
    with running(command, project, environment, pass_fds=[listening.fileno()]) as server:
        listening.close()
        yield server


@contextmanager
def running(
    command: list[str], project: str, environment: dict[str, str], pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module with the project's settings until the block ends."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | environment | {"DJANGO_SETTINGS_MODULE": f"{project}.settings"},
        pass_fds=pass_fds,
        start_new_session=True,  # Ctrl-C reaches this process alone, which stops all in order.
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


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
