"""A private Redis for tests: a folder, a port and a password of its own, all gone at the end."""

import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.servers import free_port, start, stop

ADVICE = "No Redis for the tests. Install one with: sudo apt-get install redis-server"
ATTEMPTS = 5
START_SECONDS = 30
READY = "Ready to accept connections"
CONFIGURATION = """
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
"""


def program() -> str | None:
    """Return the path of redis-server, None where there is none."""
    return shutil.which("redis-server")


@contextmanager
def redis() -> Iterator[str]:
    """Run a server for as long as the block lasts; gives the URL of its first database."""
    path = program()
    if path is None:
        sys.exit(ADVICE)
    password = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder, server(path, Path(folder), password) as port:
        yield f"redis://:{password}@127.0.0.1:{port}/0"


@contextmanager
def server(path: str, folder: Path, password: str) -> Iterator[int]:
    for _ in range(ATTEMPTS):
        port = free_port()
        process = start([path, str(configuration(folder, port, password))], folder)
        try:
            if is_ready(process, folder / "log"):
                yield port
                return
        finally:
            stop(process)
    sys.exit(f"Redis does not start:\n{(folder / 'log').read_text()}")


def configuration(folder: Path, port: int, password: str) -> Path:
    """Write what would tell everybody on this machine the password, were it on the command line."""
    path = folder / "redis.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=port, password=password))
    return path


def is_ready(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait until the server says so in its own folder; on the port somebody else might answer."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if READY in log.read_text():
            return True
        time.sleep(0.05)
    return False
