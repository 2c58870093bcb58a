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

from tests.administration import superuser
from tests.databases import captured_queries
from tests.full_tables import fill, pages, sequential_scans

ROUNDS = 3
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
        number, took, scanned = measure(administrator, address)
        wrong += number >= MOST_QUERIES or bool(scanned)
        print(f"{name:48}{number:8}{took:8.0f}  {', '.join(scanned) or '-'}", flush=True)
    sys.exit(f"{wrong} pages cost too much." if wrong else 0)


def measure(administrator: object, address: str) -> tuple[int, float, list[str]]:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with captured_queries() as queries:
            response = administrator.get(address)
        times.append(1000 * (time.perf_counter() - begun))
        assert response.status_code == 200, (address, response.status_code)
    reads = [query for query in queries if query.startswith("SELECT")]
    return len(queries), min(times), sorted(sequential_scans(reads))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
