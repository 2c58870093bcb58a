"""How many expired sessions a second manage.py end_expired_sessions ends, with the notices written, on PostgreSQL.

Each has a Django session, and with each application refresh, access and ID token. The notices go to a task queue.
Run: python -m tools.with_postgresql python -m benchmarks.expiry [number of sessions …]
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from benchmarks import peak_memory
from benchmarks.rows import Row, show
from benchmarks.signed_in_crowd import fill
from oidc_session.models import LogoutNotice, OPSession
from tests.notices import application_at
from tests.processes import environment
from tests.swappable import User

PEOPLE = 1_000
FEW, MANY = 10_000, 100_000
SETTINGS = "benchmarks.expiry_settings"
PROVIDER = {"OIDC_BACKCHANNEL_LOGOUT_ENABLED": True}


def measure(numbers: list[int]) -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    people = User.objects.bulk_create(User(username=f"person{number}") for number in range(PEOPLE))
    application = application_at("https://rp.example/logout", "sample")
    peaks = []
    for number in numbers:
        fill(number, [person.pk for person in people], [application], expired=True)
        before = work()
        took, peak = expire()
        worked = work() - before
        assert OPSession.objects.live().count() == 0
        assert LogoutNotice.objects.count() == number
        clear()
        peaks.append(peak)
        what = f"expiry of {number:,} sessions, PostgreSQL"
        yield Row(what, "a second", number / took, least=1_000 if number == MANY else None)
        yield Row(what, "ms of Python's work each", 1000 * worked / number)
    if len(peaks) > 1:
        yield Row(f"expiry, {numbers[-1]:,} sessions over {numbers[0]:,}", "MB more", peaks[-1] - peaks[0], 3)


def expire() -> tuple[float, float]:
    """Return how long the command takes, with the start of its process, and its most memory in megabytes."""
    with TemporaryDirectory(prefix="expiry-") as folder:
        run = environment(Path(folder), SETTINGS, **PROVIDER)
        with (Path(folder) / "log").open("w") as log:
            command = [sys.executable, "-m", "benchmarks.peak_memory", "end_expired_sessions"]
            began = time.perf_counter()
            done = subprocess.run(command, check=True, env=run, stdout=subprocess.PIPE, stderr=log, text=True)
            return time.perf_counter() - began, peak_memory.said(done.stdout)


def work() -> float:
    """Return the seconds that the commands have computed so far, without those of the database and of waiting."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE oidc_session_opsession, oauth2_provider_refreshtoken, django_session CASCADE")
        cursor.execute("TRUNCATE oauth2_provider_accesstoken, oauth2_provider_idtoken CASCADE")


if __name__ == "__main__":
    show(measure([int(number) for number in sys.argv[1:]] or [FEW, MANY]))
