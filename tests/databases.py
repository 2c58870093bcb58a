"""What a test asks of the databases, however many there are."""

import itertools
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, connections, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext


@contextmanager
def captured_queries():
    """Collect the SQL of the block; the list is filled when the block has ended."""
    queries = []
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connection)) for connection in connections.all()]
        yield queries
    queries += [query["sql"] for context in captured for query in context.captured_queries]


@contextmanager
def undone():
    """Take back all that the block writes."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in connections:
            transaction.set_rollback(True, using=alias)


@contextmanager
def assert_number_of_queries(number):
    with captured_queries() as queries:
        yield
    assert len(queries) == number, "\n".join(queries)


@contextmanager
def committed(execute=False):
    """Run what waits for the block's transactions, which a test never commits."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(TestCase.captureOnCommitCallbacks(using=alias, execute=execute))
        yield


def failing_at(number, function):
    """Return the function, but one of its calls, counted from one, is an error of the database."""
    calls = itertools.count(1)

    def call(*args):
        if next(calls) == number:
            raise OperationalError("the password is demo-pass")
        return function(*args)

    return call


def number_of(call):
    """Return how many queries a call makes."""
    with captured_queries() as queries:
        call()
    return len(queries)
