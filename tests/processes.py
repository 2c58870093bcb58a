"""Processes of a provider: a web server, and workers, on the databases of the test that starts them.

worker = Process(send_logout_notices("--loop"), environment(), tmp_path / "worker.log")
worker.start()
worker.kill()
worker.start()
assert worker.stop() == 0
"""

import json
import os
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parents[1]
WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
CSRF = "c" * 32
SECONDS = 60  # In which everything here is done, on the slowest machine.


class Process:
    """A Python module that runs on its own, can be killed, and started again."""

    def __init__(self, arguments, environment, log, listener=None):
        self.arguments = arguments
        self.environment = environment
        self.log = log
        self.descriptors = [listener.fileno()] if listener else []
        self.running = None

    def start(self):
        if self.running is None or self.running.poll() is not None:
            with self.log.open("a") as output:
                self.running = subprocess.Popen(
                    [sys.executable, "-m", *self.arguments],
                    cwd=ROOT,
                    env=self.environment,
                    pass_fds=self.descriptors,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )

    def kill(self):
        if self.running:
            self.running.kill()
            self.running.wait()

    def wait(self):
        """Return the exit code, once the process has ended of its own accord."""
        return self.running.wait(SECONDS)

    def stop(self):
        self.running.terminate()
        return self.wait()


def web_server(listener):
    """Return the arguments of a web server at a socket that outlives it: requests wait there for the next one."""
    options = ["--fd", str(listener.fileno()), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    return ["uvicorn", "--factory", "django.core.asgi:get_asgi_application", *options]


def send_logout_notices(*options):
    return ["django", "send_logout_notices", *options]


def environment(folder, settings_module="tests.process_settings", **provider):
    """Return what makes a process of the same provider as the test's, with these changes of OAUTH2_PROVIDER."""
    databases = {alias: {name: str(connections[alias].settings_dict[name]) for name in WHERE} for alias in connections}
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": settings_module,
        "TEST_DATABASES": json.dumps(databases),
        "TEST_PROVIDER": json.dumps(settings.OAUTH2_PROVIDER | provider),
        "TMPDIR": str(folder),  # A process that is killed leaves its temporary files behind.
    }


def wait_until(fact, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answer(address, method, path, **headers):
    """Return the status of a web server's answer, None where it died before that."""
    with closing(HTTPConnection(*address, timeout=SECONDS)) as connection, suppress(HTTPException, OSError):
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    return None


def log_out(address, browser):
    cookies = f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}; csrftoken={CSRF}"
    return answer(address, "POST", "/accounts/logout/", **{"Cookie": cookies, "X-CSRFToken": CSRF})
