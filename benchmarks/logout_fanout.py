"""How long a logout takes with 50 applications that answer after 20 ms, and with one more that hangs.

Run from the repository's root: python -m benchmarks.logout_fanout, and on PostgreSQL
python -m tools.with_postgresql python -m benchmarks.logout_fanout
"""

import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

FOLDER = TemporaryDirectory(prefix="logout-fanout-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER.name}/op.sqlite3")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client

from oidc_session.conf import conf
from oidc_session.models import LogoutNotice
from tests.crowd import crowd_of, sign_in
from tests.notices import application_at
from tests.processes import Process, environment, log_out, wait_until, web_server
from tests.swappable import User

APPLICATIONS = 50
ROUNDS = 10
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
        self.hanging = application_at(f"{origin}/hangs", "hanging")

    def round(self, applications: list[object]) -> tuple[float, float]:
        """Sign in and out again; return the milliseconds until the answer, and until the good ones were told."""
        browser = Client()
        sign_in(browser, self.person, applications)
        began = time.monotonic()
        assert log_out(self.provider, browser) == 302
        answered = time.monotonic()
        told = max(float(next(self.told).split()[0]) for _ in self.good)
        wait_until(lambda: not LogoutNotice.objects.exclude(lease=None).exists())
        LogoutNotice.objects.all().delete()
        return 1000 * (answered - began), 1000 * (told - began)


def main() -> None:
    call_command("migrate", verbosity=0)
    with world() as here:
        here.round(here.good)  # Imports, threads and keys.
        well = [here.round(here.good) for _ in range(ROUNDS)]
        hanging = [here.round([*here.good, here.hanging]) for _ in range(ROUNDS)]
    wait = 1000 * conf.BACKCHANNEL_LOGOUT_WAIT
    print(f"{'milliseconds of ' + str(ROUNDS) + ' rounds':44}{'median':>8}{'best':>8}{'worst':>8}{'target':>8}")
    report(f"{APPLICATIONS} answer in 20 ms", well, 500)
    report(f"{APPLICATIONS} answer in 20 ms, one hangs", hanging, wait)
    print(f"{connection.vendor}, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")


def report(what: str, rounds: list[tuple[float, float]], target: float) -> None:
    answered, told = zip(*rounds, strict=True)
    for name, took, limit in (("logout answered", answered, target), ("all 50 told", told, 1000)):
        print(f"{what + ': ' + name:44}{median(took):8.0f}{min(took):8.0f}{max(took):8.0f}{limit:8.0f}")


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
    main()
