import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader

from oidc_session.models import OPSession

MIGRATIONS = {
    name: migration for (app, name), migration in MigrationLoader(None).disk_migrations.items() if app == "oidc_session"
}


@pytest.fixture
def database(transactional_db):
    """The name of the database our tables are in; all of them are there again at the end."""
    name = router.db_for_write(OPSession)
    yield name
    call_command("migrate", "oidc_session", database=name, verbosity=0)


def columns(database):
    """Return our tables in the database with the names of their columns, indexes and constraints."""
    connection = connections[database]
    inspect = connection.introspection
    with connection.cursor() as cursor:
        return {
            table: (
                {column.name for column in inspect.get_table_description(cursor, table)},
                set(inspect.get_constraints(cursor, table)),
            )
            for table in inspect.table_names(cursor)
            if table.startswith("oidc_session_") and not table.startswith("oidc_session_rp_")
        }


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "oidc_session", check=True, dry_run=True)


def test_migrations_go_back_and_forward_again(database):
    before = columns(database)
    call_command("migrate", "oidc_session", "zero", database=database, verbosity=0)
    assert columns(database) == {}
    call_command("migrate", "oidc_session", database=database, verbosity=0)
    assert columns(database) == before
    assert {model._meta.db_table for model in apps.get_app_config("oidc_session").get_models()} <= set(before)


@pytest.mark.parametrize("name", MIGRATIONS)
def test_migration_is_named_for_what_it_does(name):
    assert name.partition("_")[2] != MIGRATIONS[name].suggest_name()
    assert "auto" not in name.split("_")
