"""How many authorizations a second 32 people at once get, from gunicorn and uvicorn, on SQLite and PostgreSQL.

Run: python -m tools.with_postgresql python -m benchmarks.throughput
"""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import dj_database_url
import psycopg

from benchmarks.authorizing import Done, authorize_for
from benchmarks.contenders import ROOT, django_admin, environment_of, provider, python_of, sqlite
from benchmarks.missing import Missing
from benchmarks.rows import Row, show

CONNECTIONS, SECONDS, ROUNDS = 32, 1.5, 6
SERVERS = {
    "gunicorn": [
        "gunicorn",
        "--workers=2",
        "--threads=4",
        "--log-level=error",
        "django.core.wsgi:get_wsgi_application()",
    ],
    "uvicorn": ["uvicorn", "--workers=2", "--log-level=error", "--factory", "django.core.asgi:get_asgi_application"],
}
CONTENDERS = ("dot", "oidc_session")


@dataclass(frozen=True)
class Site:
    """A provider that answers at a port, and the requests of people who are signed in there."""

    port: int
    requests: list[bytes]

    def load(self) -> Done:
        return asyncio.run(authorize_for(SECONDS, self.port, self.requests))


def measure() -> Iterator[Row]:
    for vendor in ("sqlite", "postgresql"):
        for server in SERVERS:
            done = rounds(server, vendor)
            rates = {name: median(each.rate for each in found) for name, found in done.items()}
            what = f"authorizations by {CONNECTIONS} at once, {server}, {vendor}"
            yield Row(what, "a second", rates["oidc_session"], dot=rates["dot"])
            yield Row(what, "times DOT's", rates["oidc_session"] / rates["dot"], dot=1, least=0.9)
            errors = {name: sum(each.errors for each in found) for name, found in done.items()}
            yield Row(what, "errors", errors["oidc_session"], 0, dot=errors["dot"])


def rounds(server: str, vendor: str) -> dict[str, list[Done]]:
    """Load the contenders by turns."""
    with ExitStack() as stack:
        sites = {name: stack.enter_context(site(name, server, vendor)) for name in CONTENDERS}
        for one in sites.values():
            one.load()
        done = [{name: one.load() for name, one in sites.items()} for _ in range(ROUNDS)]
    return {name: [each[name] for each in done] for name in CONTENDERS}


@contextmanager
def site(name: str, server: str, vendor: str) -> Iterator[Site]:
    with TemporaryDirectory(prefix=f"{name}-") as folder:
        database = sqlite(Path(folder)) if vendor == "sqlite" else new_postgresql(f"{name}_{server}")
        environment = environment_of(name, Path(folder), database | {"CONN_MAX_AGE": 0})
        django_admin(name, environment, "migrate", "--verbosity=0")
        with provider(name, environment) as preparing:
            requests = [request.encode() for request in preparing.do("requests_of_people", number=CONNECTIONS)]
        port = free_port()
        bind = [f"--bind=127.0.0.1:{port}"] if server == "gunicorn" else [f"--port={port}"]
        command = [python_of(name), "-m", *SERVERS[server], *bind]
        with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            try:
                wait_for(port)
                yield Site(port, requests)
            finally:
                process.terminate()


def new_postgresql(name: str) -> dict[str, Any]:
    """Return Django's settings of a new database in the PostgreSQL at DATABASE_URL."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise Missing("PostgreSQL", "python -m tools.with_postgresql python -m benchmarks.throughput")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return dict(dj_database_url.parse(url)) | {"NAME": name}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def wait_for(port: int, seconds: float = 60) -> None:
    """Wait until somebody listens at a port."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    show(measure())
