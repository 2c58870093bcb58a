"""How much more memory `send_logout_notices` takes for 10,000 waiting notices than for a quarter of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FOLDER = TemporaryDirectory(prefix="outbox-memory-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER.name}/op.sqlite3")

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from benchmarks import peak_memory
from benchmarks.logout_fanout import PROVIDER, listening
from benchmarks.rows import Row, show
from oidc_session.models import LogoutNotice, OPSession, RPSession
from tests.notices import application_at
from tests.processes import environment
from tests.swappable import User

APPLICATIONS = 8  # To keep all couriers busy.
FEW, MANY = 2_500, 10_000  # By the first, each thread has the memory that it works with.
COMMAND = [sys.executable, "-m", "benchmarks.peak_memory", "send_logout_notices"]


def measure() -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    with listening() as applications:
        answering = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.slow_applications", str(applications.fileno())],
            pass_fds=[applications.fileno()],
            stdout=subprocess.DEVNULL,
        )
        try:
            port = applications.getsockname()[1]
            applications = [application_at(f"http://127.0.0.1:{port}/rp", f"rp-{each}") for each in range(APPLICATIONS)]
            few, many = (peak_of(number, applications) for number in (FEW, MANY))
        finally:
            answering.kill()
    yield Row(f"memory of send_logout_notices, {MANY:,} notices over {FEW:,}", "MB more", many - few, 2)
    yield Row("a waiting notice", "bytes of memory", max(0.0, many - few) * 2**20 / (MANY - FEW), 300)


def peak_of(number: int, applications: list[Any]) -> float:
    """Return the most memory in megabytes that the command has while it sends so many notices."""
    wait(number, applications)
    run = environment(Path(FOLDER.name), **PROVIDER)
    done = subprocess.run(COMMAND, env=run, capture_output=True, text=True, check=True)
    assert not LogoutNotice.objects.exclude(state=LogoutNotice.State.DELIVERED).exists()
    LogoutNotice.objects.all().delete()
    return peak_memory.said(done.stdout)


def wait(number: int, applications: list[Any]) -> None:
    """Let so many notices wait."""
    now, person = timezone.now(), User.objects.create_user(f"person {number}")
    session = OPSession.objects.create(user=person, expires_at=now, ended_at=now)
    joined = [RPSession.objects.create(op_session=session, application=one) for one in applications]
    fields = {"channel": "backchannel", "iss": "https://op.example/o", "sub": "1", "next_attempt_at": now}
    LogoutNotice.objects.bulk_create(
        (
            LogoutNotice(rp_session=one, application_id=one.application_id, client_id="sample", sid=one.sid, **fields)
            for _ in range(number // len(joined))
            for one in joined
        ),
        batch_size=1_000,
    )


if __name__ == "__main__":
    show(measure())
