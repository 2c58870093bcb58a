"""Worker processes, for as long as a block lasts."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 30


@contextmanager
def process(*arguments, **environment):
    """Run Python with the settings of a worker."""
    running = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | as_here() | environment | {"DJANGO_SETTINGS_MODULE": "tests.queues.settings"},
        stdin=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()  # All that the test has waited for is in the database.
        running.wait(MOST_SECONDS)


def as_here():
    """Return in environment variables the settings that a test has here."""
    values = {
        "TEST_DATABASES": {alias: connections[alias].settings_dict for alias in connections},
        "TEST_TASKS": settings.TASKS,
        "TEST_PROVIDER": settings.OAUTH2_PROVIDER,
    }
    return {name: json.dumps(value) for name, value in values.items()}


def eventually(is_so):
    """Wait until the worker has done something."""
    deadline = time.monotonic() + MOST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
