"""How many expired sessions a second manage.py end_expired_sessions ends, with the notices written, on PostgreSQL.

Each has a Django session, and with each application refresh, access and ID token. The notices go to a task queue.
Run: python -m tools.with_postgresql python -m benchmarks.expiry [number of sessions …]
"""

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from benchmarks.signed_in_crowd import fill
from oidc_session.models import LogoutNotice, OPSession
from tests.notices import application_at
from tests.processes import environment
from tests.swappable import User

PEOPLE = 1_000
SETTINGS = "benchmarks.expiry_settings"
PROVIDER = {"OIDC_BACKCHANNEL_LOGOUT_ENABLED": True}


def main(numbers: list[int]) -> None:
    call_command("migrate", verbosity=0)
    people = User.objects.bulk_create(User(username=f"person{number}") for number in range(PEOPLE))
    applications = [application_at(f"https://rp-{number}.example/logout", f"rp-{number}") for number in range(3)]
    names = ("sessions", "applications", "seconds", "of work", "sessions/s", "notices", "peak MB")
    print("".join(f"{name:>13}" for name in names))
    for joined in (1, 3):
        for number in numbers:
            fill(number, [person.pk for person in people], applications[:joined], expired=True)
            before = work()
            took, worked = measure(), work() - before
            assert OPSession.objects.live().count() == 0
            notices = LogoutNotice.objects.count()
            assert notices == number * joined
            measured = (f"{took:.1f}", f"{worked:.1f}", f"{number / took:,.0f}", f"{notices:,}", f"{peak():.0f}")
            print("".join(f"{value:>13}" for value in (f"{number:,}", joined, *measured)), flush=True)
            clear()
    print(f"PostgreSQL, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")


def measure() -> float:
    """Return how long the command takes, with the start of its process."""
    with TemporaryDirectory(prefix="expiry-") as folder:
        run = environment(Path(folder), SETTINGS, **PROVIDER)
        with (Path(folder) / "log").open("w") as log:
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "django", "end_expired_sessions"], check=True, env=run, stderr=log)
            return time.perf_counter() - began


def work() -> float:
    """Return the seconds that the commands have computed so far, without those of the database and of waiting."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """Return the most memory in megabytes that one of the commands has had so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE oidc_session_opsession, oauth2_provider_refreshtoken, django_session CASCADE")
        cursor.execute("TRUNCATE oauth2_provider_accesstoken, oauth2_provider_idtoken CASCADE")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or [10_000, 100_000])
