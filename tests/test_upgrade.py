"""From plain DOT with live sessions and tokens, and back: docs/howto/upgrade.md."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import OperationalError, router
from django.db.backends.base.introspection import BaseDatabaseIntrospection
from django.urls import path
from oauth2_provider.views import TokenView

from oidc_session import deploy_checks
from oidc_session.models import OPSession
from tests.oidc import REDIRECT_URI, authorize, query_of
from tests.urls import urlpatterns

CREDENTIALS = {"client_id": "sample rp", "client_secret": "demo-secret"}


@pytest.fixture
def migrate(transactional_db):
    """Return what migrates our tables: migrate("zero") drops them."""
    database = router.db_for_write(OPSession)

    def to(*target):
        call_command("migrate", "oidc_session", *target, database=database, verbosity=0)

    yield to
    to()


def token(client, **parameters):
    return client.post("/o/token/", CREDENTIALS | parameters).json()


def sign_in(client):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})


def tokens(client):
    code = query_of(authorize(client))["code"]
    return token(client, grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI)


def refresh(client, found):
    return token(client, grant_type="refresh_token", refresh_token=found["refresh_token"])


def found():
    return {message.id: message for message in run_checks(include_deployment_checks=True)}


def is_signed_in(client):
    return client.get("/person/").content == b"alice"


def test_site_works_without_our_tables_and_with_the_feature_off(client, alice, application, migrate, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    migrate("zero")
    sign_in(client)
    assert "id_token" in refresh(client, tokens(client))
    alice.set_password("another-pass")
    alice.save()
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_w009_tables_are_missing(migrate):
    assert "oidc_session.W009" not in found()
    migrate("zero")
    assert "manage.py migrate oidc_session" in found()["oidc_session.W009"].hint


def test_w009_is_seen_with_the_feature_off_too(migrate, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    migrate("zero")
    assert "oidc_session.W009" in found()


def test_w009_is_silent_without_a_database(monkeypatch):
    def unreachable(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(BaseDatabaseIntrospection, "table_names", unreachable)
    assert list(deploy_checks.missing_tables()) == []


def test_upgrade_signs_nobody_out_and_so_does_the_way_back(client, alice, application, migrate, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    migrate("zero")
    sign_in(client)
    before = tokens(client)

    migrate()
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True)
    assert is_signed_in(client)
    before = refresh(client, before)
    assert "id_token" in before
    during = tokens(client)
    assert OPSession.objects.get().user == alice

    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    migrate("zero")
    assert is_signed_in(client)
    assert "id_token" in refresh(client, before)
    assert "id_token" in refresh(client, during)


def test_token_endpoint_of_dot_itself_works_too(client, alice, application, migrate, settings):
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [path("o/token/", TokenView.as_view()), *urlpatterns]})
    sign_in(client)
    assert "id_token" in refresh(client, tokens(client))
