"""A private PostgreSQL for tests: a folder, a port and a password of its own, all gone at the end."""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.servers import Account, free_port, start, stop

ADVICE = "No PostgreSQL for the tests. Install one with: sudo apt-get install postgresql"
NO_ACCOUNT = (
    "PostgreSQL refuses to run as root, and there is no account postgres to run it as: useradd --system postgres"
)
DEBIAN = Path("/usr/lib/postgresql")
ATTEMPTS = 5
START_SECONDS = 60
FOR_TESTS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where there is none; Debian keeps it out of PATH."""
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    versions = [path.parents[1] for path in DEBIAN.glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.name)) / "bin" if versions else None


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server for as long as the block lasts; gives the URL of its database."""
    programs = binaries()
    if programs is None:
        sys.exit(ADVICE)
    account = unprivileged()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        password = secrets.token_urlsafe()
        (folder / "password").write_text(password)
        if user := account.get("user"):
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        initialise(programs, folder, account)
        with server(programs, folder, account) as port:
            yield f"postgresql://tests:{password}@127.0.0.1:{port}/postgres"


def unprivileged() -> Account:
    """Return who runs the server: we ourselves, and for root, which PostgreSQL refuses, its own account."""
    if os.geteuid() != 0:
        return {}
    try:
        return {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid, "extra_groups": []}
    except KeyError:
        sys.exit(NO_ACCOUNT)


def initialise(programs: Path, folder: Path, account: Account) -> None:
    # With a password: without one, everybody on this machine could become the account that runs the server.
    access = ["--username=tests", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256"]
    data = ["--encoding=UTF8", "--locale=C", "--no-sync", f"--pgdata={folder / 'data'}"]
    command = [str(programs / "initdb"), *access, *data]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **account)  # noqa: S603
    if done.returncode:
        sys.exit(f"PostgreSQL's initdb failed:\n{done.stderr}")


@contextmanager
def server(programs: Path, folder: Path, account: Account) -> Iterator[int]:
    for _ in range(ATTEMPTS):
        port = free_port()
        process = start_postgres(programs, folder, account, port)
        try:
            if is_ready(process, folder / "data" / "postmaster.pid"):
                yield port
                return
        finally:
            stop(process)
    sys.exit(f"PostgreSQL does not start:\n{(folder / 'log').read_text()}")


def start_postgres(programs: Path, folder: Path, account: Account, port: int) -> subprocess.Popen[bytes]:
    settings = [word for setting in FOR_TESTS for word in ("-c", setting)]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *settings]
    return start(command, folder, account)


def is_ready(process: subprocess.Popen[bytes], status: Path) -> bool:
    """Wait until the server says so in its own folder; on the port somebody else might answer."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if status.exists() and "ready" in status.read_text().split():
            return True
        time.sleep(0.05)
    return False
