from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import router
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oidc_session import last_activity, rp_sessions, sessions, shown_session
from oidc_session.models import Credential, EndReason, LogoutNotice, OPSession, RPSession
from tests.databases import captured_queries
from tests.oidc import REDIRECT_URI, authorize, query_of

ENGINES = [
    f"django.contrib.sessions.backends.{name}" for name in ("db", "cache", "cached_db", "file", "signed_cookies")
]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.rpartition(".")[2])
def engine(request, settings, tmp_path):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = request.param
    return request.param


def sign_in(client, username="alice"):
    return client.post("/accounts/login/", {"username": username, "password": "demo-pass"}, HTTP_USER_AGENT="Browser 1")


def is_signed_in(client):
    return client.get("/person/").content != b"nobody"


# Beginning


def test_login_begins_a_session(engine, client, alice):
    sign_in(client)
    session = OPSession.objects.get()
    assert (session.user, session.is_live, session.user_agent, session.address) == (
        alice,
        True,
        "Browser 1",
        "127.0.0.1",
    )
    assert timezone.now() - session.auth_time < timedelta(seconds=10)
    assert session.expires_at - timezone.now() > timedelta(days=13)


def test_session_key_is_kept_encrypted(client, alice):
    sign_in(client)
    session = OPSession.objects.get()
    key = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    assert key not in session.session_key + session.session_key_hash
    assert len(session.session_key_hash) == 64


@pytest.mark.parametrize(
    ("name", "field", "empty"),
    [("OIDC_SESSION_STORE_USER_AGENT", "user_agent", ""), ("OIDC_SESSION_STORE_ADDRESS", "address", None)],
)
def test_what_law_forbids_is_not_kept(client, alice, provider, name, field, empty):
    provider(**{name: False})
    sign_in(client)
    assert getattr(OPSession.objects.get(), field) == empty


def test_user_agent_is_kept_shortened(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"}, HTTP_USER_AGENT="<b>" * 5000)
    assert len(OPSession.objects.get().user_agent) == 255


def test_address_that_is_none_is_not_kept(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"}, REMOTE_ADDR="unix:")
    assert OPSession.objects.get().address is None


def test_same_person_again_goes_on_with_the_session(engine, client, alice, application):
    sign_in(client)
    authorize(client)
    before = OPSession.objects.get()
    sign_in(client)
    after = OPSession.objects.get()
    assert after.pk == before.pk
    assert after.is_live
    assert after.auth_time > before.auth_time
    assert RPSession.objects.count() == 1


def test_same_person_after_the_end_begins_another(client, alice):
    sign_in(client)
    sessions.end(OPSession.objects.get(), EndReason.ADMIN)
    sign_in(client)
    assert OPSession.objects.count() == 2
    assert OPSession.objects.live().count() == 1


def test_session_that_is_another_persons_by_now_is_not_used(client, alice, bob, application):
    sign_in(client)
    session = client.session
    session["_auth_user_id"] = str(bob.pk)
    session["_auth_user_hash"] = bob.get_session_auth_hash()
    session.save()
    assert query_of(authorize(client, prompt="none"))["error"] == "login_required"


def test_another_person_ends_the_session_and_begins_one(engine, client, alice, bob):
    sign_in(client)
    sign_in(client, "bob")
    assert list(OPSession.objects.order_by("pk").values_list("user", "end_reason")) == [
        (alice.pk, EndReason.REPLACED),
        (bob.pk, ""),
    ]


def test_another_browser_has_another_session(client, client_factory, alice):
    sign_in(client)
    sign_in(client_factory())
    assert OPSession.objects.live().count() == 2


def test_person_from_before_this_app_gets_a_session_at_the_next_authorization(
    engine, client, alice, application, provider
):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    sign_in(client)
    assert not OPSession.objects.exists()
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True)
    assert is_signed_in(client)
    assert query_of(authorize(client))["code"]
    session = OPSession.objects.get()
    alice.refresh_from_db()
    assert (session.user, session.auth_time) == (alice, alice.last_login)


def test_same_person_after_a_lost_django_session_begins_another(client, alice):
    sign_in(client)
    client.session.flush()
    sign_in(client)
    assert list(OPSession.objects.order_by("pk").values_list("end_reason", flat=True)) == ["expired", ""]


# Joining


def test_authorization_joins_once(client, alice, application):
    sign_in(client)
    for _ in range(3):
        authorize(client)
    joined = RPSession.objects.get()
    assert joined.application == application
    assert len(joined.sid) >= 43


def test_join_of_two_at_one_moment_gives_one_row(client, alice, application):
    sign_in(client)
    session = OPSession.objects.get()
    assert rp_sessions.join(session, application).sid == rp_sessions.join(session, application).sid


# Ending


def test_end_acts_once(client, alice):
    sign_in(client)
    session = OPSession.objects.get()
    assert sessions.end(session, EndReason.ADMIN)
    assert not sessions.end(session, EndReason.USER)
    session.refresh_from_db()
    assert session.end_reason == EndReason.ADMIN


@pytest.mark.parametrize("name", ["db", "cache", "cached_db", "file"])
def test_end_deletes_the_django_session(client, alice, settings, tmp_path, name, django_capture_on_commit_callbacks):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{name}"
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        sessions.end(OPSession.objects.get(), EndReason.ADMIN)
    assert not is_signed_in(client)


def test_end_without_the_secret_key_of_then_leaves_the_django_session(
    client, alice, settings, django_capture_on_commit_callbacks
):
    sign_in(client)
    settings.SECRET_KEY = "another"
    with django_capture_on_commit_callbacks(execute=True):
        assert sessions.end(OPSession.objects.get(), EndReason.ADMIN)


def test_providers_endpoints_never_act_for_an_ended_session(engine, client, alice, application):
    sign_in(client)
    OPSession.objects.update(ended_at=timezone.now())
    answer = query_of(authorize(client, prompt="none"))
    assert answer["error"] == "login_required"
    assert not is_signed_in(client)


def test_every_request_looks_where_a_project_wants_it(engine, client, alice, provider):
    provider(OIDC_SESSION_CHECK_EVERY_REQUEST=True)
    sign_in(client)
    assert is_signed_in(client)
    OPSession.objects.update(ended_at=timezone.now())
    assert not is_signed_in(client)


def test_every_request_looks_in_async_too(async_client, alice, provider):
    provider(OIDC_SESSION_CHECK_EVERY_REQUEST=True)
    async_to_sync(async_client.post)("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    OPSession.objects.update(ended_at=timezone.now())
    assert async_to_sync(async_client.get)("/aperson/").content == b"nobody"


def test_async_twins(client, alice, application):
    sign_in(client)
    session = OPSession.objects.get()
    assert async_to_sync(rp_sessions.ajoin)(session, application).op_session == session
    assert async_to_sync(sessions.aend)(session, EndReason.USER)


# Noting


def test_last_activity_is_written_now_and_then(client, alice, provider, django_assert_num_queries):
    sign_in(client)
    client.get("/person/")
    with django_assert_num_queries(2):
        client.get("/person/")
    provider(OIDC_SESSION_ACTIVITY_INTERVAL=0)
    before = OPSession.objects.get().last_activity
    with django_assert_num_queries(3):
        client.get("/person/")
    assert OPSession.objects.get().last_activity > before


def test_reading_a_session_does_not_prolong_it(client, alice, provider, settings):
    sign_in(client)
    OPSession.objects.update(expires_at=timezone.now())
    before = OPSession.objects.get().expires_at
    provider(OIDC_SESSION_ACTIVITY_INTERVAL=0)
    client.get("/person/")
    assert OPSession.objects.get().expires_at == before
    settings.SESSION_SAVE_EVERY_REQUEST = True
    client.get("/person/")
    assert OPSession.objects.get().expires_at > before


def test_last_activity_is_written_in_async_too(async_client, alice, provider):
    async_to_sync(async_client.post)("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    before = OPSession.objects.get().last_activity
    provider(OIDC_SESSION_ACTIVITY_INTERVAL=0)
    async_to_sync(async_client.get)("/aperson/")
    assert OPSession.objects.get().last_activity > before


def test_memory_of_what_was_noted_is_bounded(client, alice, monkeypatch):
    monkeypatch.setattr(last_activity, "MOST_NOTED", 0)
    sign_in(client)
    client.get("/person/")
    client.get("/person/")
    assert len(last_activity._noted) <= 1


def test_session_key_that_changes_is_followed(client, alice):
    sign_in(client)
    before = OPSession.objects.get().session_key_hash
    client.get("/cycle/")
    session = OPSession.objects.get()
    assert session.session_key_hash not in {"", before}
    assert not shown_session.is_over(client.get("/person/").wsgi_request)


# Ways out that are Django's


def test_logout_ends_the_session(engine, client, alice):
    sign_in(client)
    client.post("/accounts/logout/")
    assert OPSession.objects.get().end_reason == EndReason.LOGOUT


def test_logout_leaves_other_browsers_alone(client, client_factory, alice):
    other = client_factory()
    sign_in(other)
    sign_in(client)
    client.post("/accounts/logout/")
    assert OPSession.objects.live().count() == 1
    assert is_signed_in(other)


def test_logout_of_nobody_is_no_error(client):
    client.post("/accounts/logout/")
    assert not OPSession.objects.exists()


def test_new_password_ends_all_other_sessions(client, client_factory, alice):
    other = client_factory()
    sign_in(other)
    sign_in(client)
    response = client.post("/password/", {"password": "another-pass"})
    assert response.content == b"changed"
    assert list(OPSession.objects.order_by("pk").values_list("end_reason", flat=True)) == ["password_change", ""]
    assert is_signed_in(client)


def test_new_password_set_by_an_administrator_ends_all_sessions(client, client_factory, alice, bob):
    sign_in(client)
    administrator = client_factory()
    sign_in(administrator, "bob")
    administrator.post("/password/?of=alice", {"password": "another-pass"})
    assert OPSession.objects.get(user=alice).end_reason == EndReason.PASSWORD_CHANGE
    assert OPSession.objects.get(user=bob).is_live


def test_new_password_set_outside_of_a_request_ends_all_sessions(client, alice):
    sign_in(client)
    alice.set_password("another-pass")
    alice.save()
    assert OPSession.objects.get().end_reason == EndReason.PASSWORD_CHANGE


def test_saving_a_person_ends_nothing(client, alice):
    sign_in(client)
    alice.first_name = "Alice"
    alice.save()
    assert OPSession.objects.live().exists()


def test_inactive_person_has_no_sessions(client, alice):
    sign_in(client)
    alice.is_active = False
    alice.save()
    assert OPSession.objects.get().end_reason == EndReason.USER_INACTIVE


def test_deleted_persons_sessions_end_and_stay_in_the_history(client, alice):
    sign_in(client)
    get_user_model().objects.all().delete()
    session = OPSession.objects.get()
    assert (session.user, session.end_reason) == (None, EndReason.USER_INACTIVE)


def test_deleted_rows_end_first(client, client_factory, alice, django_capture_on_commit_callbacks):
    other = client_factory()
    sign_in(other)
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        OPSession.objects.all().delete()
    assert not is_signed_in(client)
    assert not is_signed_in(other)


def test_nothing_is_kept_with_the_feature_off(client, alice, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    sign_in(client)
    alice.set_password("another-pass")
    alice.save()
    client.post("/accounts/logout/")
    alice.delete()
    assert not OPSession.objects.exists()


# Cost


def test_login_costs_two_queries_more(client, client_factory, alice, provider):
    def queries(browser):
        browser.get("/modify/")
        with captured_queries() as found:
            sign_in(browser)
        return len(found)

    with_sessions = queries(client)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert with_sessions - queries(client_factory()) <= 2


def test_str(client, alice, application):
    sign_in(client)
    authorize(client)
    session = OPSession.objects.get()
    assert str(session).startswith("alice ")
    assert str(session.rp_sessions.get()).startswith("Sample - alice ")
    assert str(Credential(kind=Credential.Kind.DEVICE_CODE, key="7")) == "device_code 7"


def test_session_that_was_used_since_it_was_read_is_not_taken_for_expired(client, alice):
    sign_in(client)
    read = OPSession.objects.get()
    client.session.flush()
    OPSession.objects.update(session_key_hash="of the next key")
    assert not sessions.end_if_expired(read)
    assert OPSession.objects.get().is_live
    assert sessions.end_if_expired(OPSession.objects.get())


class NoReading:
    """A router of a project whose replica is far behind."""

    def db_for_read(self, model, **hints):
        if model._meta.app_label in ("oidc_session", "oauth2_provider", "swapped") and "instance" not in hints:
            raise AssertionError(f"{model} would be read from a replica")


class EmptyReplica(NoReading):
    """A router of a project whose replica knows nothing yet of what this app has written."""

    def db_for_read(self, model, **hints):
        if model._meta.app_label == "oidc_session":
            super().db_for_read(model, **hints)


def test_session_is_read_where_it_is_written(client, alice, application, monkeypatch, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    monkeypatch.setattr(router, "routers", [EmptyReplica(), *router.routers])
    sign_in(client)
    code = query_of(authorize(client))["code"]
    redeemed = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    credentials = {"client_id": "sample rp", "client_secret": "demo-secret"}
    tokens = client.post("/o/token/", redeemed | credentials).json()
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert client.post("/o/token/", again | credentials).status_code == 200
    assert client.get("/o/session-status/").status_code == 204
    assert client.get("/sessions/").status_code == 200
    client.post("/accounts/logout/")
    monkeypatch.undo()
    assert OPSession.objects.get().end_reason == EndReason.LOGOUT
    assert LogoutNotice.objects.count() == 1


def test_what_ends_is_read_where_it_is_written(client, alice, application, monkeypatch, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    sign_in(client)
    code = query_of(authorize(client))["code"]
    redeemed = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    client.post("/o/token/", redeemed | {"client_id": "sample rp", "client_secret": "demo-secret"})
    session = OPSession.objects.get()
    monkeypatch.setattr(router, "routers", [NoReading(), *router.routers])
    assert sessions.end(session, EndReason.ADMIN)
    monkeypatch.undo()
    assert LogoutNotice.objects.count() == 1
    assert not get_access_token_model().objects.exists()
