"""The projects of testproject as real servers, on free ports."""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
SETTINGS = {"op": "tests.op_settings", "rp": "testproject.rp.settings"}
FOLDER = tempfile.TemporaryDirectory(prefix="testproject-")


def listening():
    return socket.create_server(("127.0.0.1", 0))


def port(listener):
    return listener.getsockname()[1]


def manage(command, project, environment):
    arguments = [command, "--verbosity", "0", "--settings", SETTINGS[project]]
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, env=environment, check=True)


def migrate(project, database):
    """Fill a project's database file with its tables: migrating takes seconds, and is done once for all."""
    with closing(sqlite3.connect(migrated(project))) as source, closing(sqlite3.connect(database)) as target:
        source.backup(target)


@cache
def migrated(project):
    path = Path(FOLDER.name) / f"{project}.sqlite3"
    manage("migrate", project, os.environ | {name: f"sqlite:///{path}" for name in ("DATABASE_URL", "RP_DATABASE_URL")})
    return path


@contextmanager
def server(project, listener, options, environment, log):
    descriptor = listener.fileno()
    arguments = ["--fd", str(descriptor), "--log-level", "warning", "--timeout-graceful-shutdown", "1", *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", f"testproject.{project}.asgi:application", *arguments],
            cwd=ROOT,
            env=environment | {"DJANGO_SETTINGS_MODULE": SETTINGS[project]},
            pass_fds=[descriptor],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def answers(listener, authority):
    """Wait for the server's first answer; the socket is open already, so that the request waits and does not fail."""
    scheme = "https" if authority else "http"
    requests.get(f"{scheme}://localhost:{port(listener)}/", timeout=60, verify=authority or True)
