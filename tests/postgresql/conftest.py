"""Tests of what happens at the same moment, which SQLite, with its one writer, can't show."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"  # Each waits for one; the server is all ours.
SECONDS = 20


@pytest.fixture
def at_once():
    """Return what calls functions at the same moment: at_once(rows, function, …), and returns their results.

    Each runs in a thread with connections of its own. They meet at the rows (a queryset), which are locked until all
    functions wait for them. The test must be marked django_db(transaction=True).
    """
    return call_at_once


def call_at_once(rows, *functions):
    with ThreadPoolExecutor(len(functions)) as pool:
        with transaction.atomic(using=rows.db):
            assert len(rows.select_for_update()) > 0
            calls = [pool.submit(with_own_connections, function) for function in functions]
            wait_until_waiting(len(functions), rows.db)
        return [call.result(SECONDS) for call in calls]


def with_own_connections(function):
    try:
        return function()
    finally:
        connections.close_all()


def wait_until_waiting(number, alias):
    deadline = time.monotonic() + SECONDS
    while waiting(alias) < number:
        assert time.monotonic() < deadline, f"{waiting(alias)} of {number} functions wait for the rows."
        time.sleep(0.01)


def waiting(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0]
