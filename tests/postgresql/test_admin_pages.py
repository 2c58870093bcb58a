"""The admin with many sessions; benchmarks.admin_pages has it with a million."""

import pytest
from django.db import connection

from oidc_session import admin_parts
from tests.administration import act, superuser
from tests.databases import captured_queries
from tests.full_tables import SESSIONS, fill, pages, sequential_scans
from tests.notices import session_of

pytestmark = pytest.mark.django_db

MANY = 40_000
MOST_LISTED = 300  # Few of many, as 1,000 of a million.
MOST_QUERIES = 20


@pytest.fixture
def administrator(monkeypatch):
    """Fill the tables. By PostgreSQL's default, which is for turning disks, tables as small as these are better read
    whole than sought in; by what people set for solid-state disks they are not.
    """
    monkeypatch.setattr(admin_parts, "MOST_LISTED", MOST_LISTED)
    fill(MANY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL random_page_cost = 1.1")
    return superuser()


def cost(administrator, address):
    with captured_queries() as queries:
        assert administrator.get(address).status_code == 200
    return len(queries), sequential_scans(query for query in queries if query.startswith("SELECT"))


def test_no_page_reads_a_big_table_whole_or_makes_many_queries(administrator):
    costs = {name: cost(administrator, address) for name, address in pages(last=3).items()}
    assert {name: scanned for name, (_, scanned) in costs.items() if scanned} == {}
    assert {name: number for name, (number, _) in costs.items() if number >= MOST_QUERIES} == {}


def test_ending_a_session_reads_no_big_table_whole(administrator, alice):
    session = session_of(alice)
    with captured_queries() as queries:
        act(administrator, SESSIONS, "end_sessions", session)
    assert sequential_scans(query for query in queries if query.startswith(("SELECT", "UPDATE"))) == set()
    session.refresh_from_db()
    assert not session.is_live


def test_table_that_is_read_whole_is_found_out(administrator):
    everything = "SELECT count(*) FROM oidc_session_opsession WHERE user_agent LIKE '%x%'"
    assert sequential_scans([everything]) == {"oidc_session_opsession"}
