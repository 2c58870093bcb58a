"""What each page of the admin costs with a million sessions, on PostgreSQL: queries, time, tables that are read whole.

Run: python -m tools.with_postgresql python -m benchmarks.admin_pages [number of sessions]
"""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command
from django.test.utils import setup_test_environment

from benchmarks.page_cost import measure
from tests.administration import superuser
from tests.full_tables import fill, pages

MOST_QUERIES = 20


def main(sessions: int) -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    fill(sessions)
    print(f"{sessions:,} sessions, applications of sessions, notices: filled in {time.perf_counter() - began:.0f} s")
    administrator = superuser()
    print(f"{'page':48}{'queries':>8}{'ms':>8}  read whole")
    wrong = 0
    for name, address in pages().items():
        cost = measure(administrator, address)
        wrong += cost.queries >= MOST_QUERIES or bool(cost.read_whole)
        print(f"{name:48}{cost.queries:8}{cost.milliseconds:8.0f}  {', '.join(cost.read_whole) or '-'}", flush=True)
    sys.exit(f"{wrong} pages cost too much." if wrong else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
