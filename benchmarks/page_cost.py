"""What one page costs, measured through Django's test client; pages are read several times and the fastest counts."""

import time
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client

from tests.databases import captured_queries
from tests.full_tables import sequential_scans

ROUNDS = 5


@dataclass(frozen=True)
class PageCost:
    """Queries, milliseconds, and the tables that are read whole."""

    queries: int
    milliseconds: float
    read_whole: list[str]
    response: HttpResponse


def measure(browser: Client, address: str) -> PageCost:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with captured_queries() as queries:
            response = browser.get(address)
        times.append(1000 * (time.perf_counter() - begun))
        assert response.status_code == 200, (address, response.status_code)
    scanned = sequential_scans(query for query in queries if query.startswith("SELECT"))
    return PageCost(len(queries), min(times), sorted(scanned), response)
