"""How long a logout takes with 50 applications that answer after 20 ms, and with one more that hangs.

Beside it, what oidc-provider for Node.js takes, and a thread and a bare `requests.post` for each of them. Runs on
PostgreSQL, too: python -m tools.with_postgresql python -m benchmarks.logout_fanout
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

FOLDER = TemporaryDirectory(prefix="logout-fanout-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER.name}/op.sqlite3")

import django
import requests

django.setup()

from django.core.management import call_command
from django.test import Client

from benchmarks import node_logout
from benchmarks.missing import Missing
from benchmarks.node_logout import node_provider
from benchmarks.rows import Row, show
from oidc_session.conf import conf
from oidc_session.models import LogoutNotice
from tests.crowd import crowd_of, sign_in
from tests.notices import application_at
from tests.processes import Process, environment, log_out, wait_until, web_server
from tests.rp.independent_provider import IndependentProvider
from tests.swappable import User

APPLICATIONS = 50
ROUNDS = 5
PROVIDER = {
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.1"],
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
}


class World:
    """A provider's web server, and the applications that its logouts tell."""

    def __init__(self, provider: tuple[str, int], told: Iterator[str], origin: str) -> None:
        self.provider = provider
        self.told = told
        self.person = User.objects.create_user("alice")
        self.good = crowd_of(APPLICATIONS, origin)
        self.addresses = [application.logout_settings.backchannel_logout_uri for application in self.good]
        self.hanging = application_at(f"{origin}/hangs", "hanging")

    def round(self, applications: list[object]) -> tuple[float, float]:
        """Sign in and out again; return the milliseconds until the answer, and until the good ones were told."""
        browser = Client()
        sign_in(browser, self.person, applications)
        began = time.monotonic()
        assert log_out(self.provider, browser) == 302
        answered = time.monotonic()
        told = self.all_told()
        wait_until(lambda: not LogoutNotice.objects.exclude(lease=None).exists())
        LogoutNotice.objects.all().delete()
        return 1000 * (answered - began), 1000 * (told - began)

    def bare_round(self) -> float:
        """Return the milliseconds that the good ones take to be told by a thread and a new connection each."""
        began = time.monotonic()
        with ThreadPoolExecutor(len(self.addresses)) as threads:
            list(threads.map(lambda uri: requests.post(uri, {"logout_token": "x" * 900}, timeout=10), self.addresses))
        return 1000 * (self.all_told() - began)

    def node_round(self, provider: IndependentProvider) -> float:
        browser = node_logout.sign_in(provider)
        began = node_logout.log_out(provider, browser)
        return 1000 * (self.all_told() - began)

    def all_told(self) -> float:
        """Return when the last of the good ones was told."""
        return max(float(next(self.told).split()[0]) for _ in self.good)


def measure() -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    with world() as here:
        here.round(here.good)  # Imports, threads and keys.
        well = [here.round(here.good) for _ in range(ROUNDS)]
        hanging = [here.round([*here.good, here.hanging]) for _ in range(3)]  # Each waits for its time-out.
        others, missing = others_of(here)
    wait = 1000 * conf.BACKCHANNEL_LOGOUT_WAIT
    what = f"logout, {APPLICATIONS} applications answer in 20 ms"
    yield Row(f"{what}: answered", "ms", median(answered for answered, _ in well), 300)
    yield Row(f"{what}: all told", "ms", median(told for _, told in well), 300, others=others)
    yield Row(f"{what}, one hangs: answered", "ms", median(answered for answered, _ in hanging), wait)
    yield Row(f"{what}, one hangs: all others told", "ms", median(told for _, told in hanging), 300)
    if missing:
        raise missing


def others_of(here: World) -> tuple[dict[str, float], Missing | None]:
    """Return what others take to tell all, and what is missing to ask one of them."""
    others = {"a thread and a request each": median(here.bare_round() for _ in range(ROUNDS))}
    try:
        with node_provider(here.addresses, Path(FOLDER.name) / "node.log") as provider:
            node = median(here.node_round(provider) for _ in range(ROUNDS))
    except Missing as missing:
        return others, missing
    return {"oidc-provider 8 for Node.js": node} | others, None


@contextmanager
def world() -> Iterator[World]:
    folder = Path(FOLDER.name)
    with listening() as provider, listening() as applications:
        server = Process(web_server(provider), environment(folder, **PROVIDER), folder / "log", provider)
        server.start()
        answering = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.slow_applications", str(applications.fileno())],
            pass_fds=[applications.fileno()],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield World(provider.getsockname(), answering.stdout, f"http://127.0.0.1:{applications.getsockname()[1]}")
        finally:
            server.kill()
            answering.kill()


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


if __name__ == "__main__":
    show(measure())
