"""The projects of testproject as real servers, on free ports."""

import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]


def listening():
    return socket.create_server(("127.0.0.1", 0))


def port(listener):
    return listener.getsockname()[1]


def manage(command, project, environment):
    arguments = [command, "--verbosity", "0", "--settings", f"testproject.{project}.settings"]
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, env=environment, check=True)


@contextmanager
def server(project, listener, options, environment, log):
    descriptor = listener.fileno()
    arguments = ["--fd", str(descriptor), "--log-level", "warning", "--timeout-graceful-shutdown", "1", *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", f"testproject.{project}.asgi:application", *arguments],
            cwd=ROOT,
            env=environment | {"DJANGO_SETTINGS_MODULE": f"testproject.{project}.settings"},
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
