import copy
import os

import pytest
from django.db import connection
from django.test import Client

from tests.databases import assert_number_of_queries, committed
from tests.swappable import Application, User

collect_ignore = [] if connection.vendor == "postgresql" else ["postgresql"]


def pytest_collection_modifyitems(config, items):
    """Give each test that uses the database all of them: an ordinary project has one, a routed one two.

    With TESTS_WITH_DATABASE the others are left out: they are the same with each database and each model.
    """
    with_database = [item for item in items if uses_database(item)]
    for item in with_database:
        mark = item.get_closest_marker("django_db")
        options = (mark.kwargs if mark else {}) | {"databases": "__all__"}
        item.add_marker(pytest.mark.django_db(**options), append=False)
    if "TESTS_WITH_DATABASE" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if item not in with_database])
        items[:] = with_database


def uses_database(item):
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


@pytest.fixture
def provider(settings):
    """Change OAUTH2_PROVIDER for one test: provider(NAME=value), or provider(NAME=None) to leave it out."""

    def change(**changes):
        merged = copy.copy(settings.OAUTH2_PROVIDER) | changes
        settings.OAUTH2_PROVIDER = {name: value for name, value in merged.items() if value is not None}

    return change


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice", password="demo-pass")


@pytest.fixture
def bob(db):
    return User.objects.create_user("bob", password="demo-pass")


@pytest.fixture
def application(db):
    return Application.objects.create(
        name="Sample",
        client_id="sample rp",
        client_secret="demo-secret",
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        redirect_uris="https://rp.example/callback https://rp.example/callback?page=1%202 my.app:/callback",
        skip_authorization=True,
    )


@pytest.fixture
def browser(client, alice, application):
    """One in which alice is signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def other_browser(client_factory, alice, application):
    """Another one of hers."""
    client = client_factory()
    client.force_login(alice)
    return client


@pytest.fixture
def django_assert_num_queries():
    """pytest-django's, for all databases."""
    return assert_number_of_queries


@pytest.fixture
def django_capture_on_commit_callbacks():
    """pytest-django's, for all databases."""
    return committed


@pytest.fixture
def client_factory():
    """Return what makes another browser."""
    return Client


def pytest_sessionfinish(session):
    """Fail where CI skipped a test: it would prove nothing there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
