from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from oidc_session.models import EndReason, OPSession
from tests.unendable import unendable

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["db", "cache", "cached_db", "file", "signed_cookies"])
def engine(request, settings, tmp_path, monkeypatch):
    monkeypatch.delattr(FileStore, "_storage_path", raising=False)  # Django reads the setting once.
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    return request.param


@pytest.fixture
def signed_in(engine, client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    return client


def lose_sessions(tmp_path):
    """As a cache that is flushed, and a cleared table."""
    cache.clear()
    Session.objects.all().delete()
    for path in tmp_path.iterdir():
        path.unlink()


def make_due():
    OPSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def run(*arguments):
    output = StringIO()
    call_command("end_expired_sessions", *arguments, stdout=output)
    return output.getvalue()


def test_session_that_the_store_has_lost_is_ended_when_due(signed_in, tmp_path):
    lose_sessions(tmp_path)
    make_due()
    assert run() == "Sessions ended: 1\n"
    assert OPSession.objects.get().end_reason == EndReason.EXPIRED
    assert run() == "Sessions ended: 0\n"


def test_session_that_is_not_due_is_left_alone(signed_in, tmp_path):
    lose_sessions(tmp_path)
    assert run() == "Sessions ended: 0\n"


def test_session_that_clearsessions_removed_is_ended(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    make_due()
    call_command("clearsessions")
    assert not Session.objects.exists()
    assert run() == "Sessions ended: 1\n"


def test_session_that_is_not_due_is_looked_for_on_demand(signed_in, tmp_path, engine):
    assert run("--check-all") == "Sessions ended: 0\n"
    lose_sessions(tmp_path)
    ended = 0 if engine == "signed_cookies" else 1  # Those are in no store that could lose them.
    assert run("--check-all") == f"Sessions ended: {ended}\n"


@pytest.mark.parametrize("size", [1, 2, 500])
def test_session_that_cannot_be_ended_does_not_keep_the_others(
    client_factory, alice, application, tmp_path, caplog, size
):
    for _ in range(5):
        client_factory().force_login(alice)
    lose_sessions(tmp_path)
    make_due()
    failing = OPSession.objects.order_by("pk")[1]
    with unendable(failing, application), pytest.raises(CommandError, match="could not be ended, see the log: 1"):
        run(f"--batch-size={size}")
    assert OPSession.objects.live().get() == failing
    assert caplog.messages == [f"Session not ended op_session={failing.pk}"]


@pytest.mark.parametrize("pause", ["-1", "long", "nan"])
def test_pause_is_a_number_of_seconds(db, pause):
    with pytest.raises(CommandError, match="is not a number of seconds"):
        run(f"--pause={pause}")


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_batch_size_is_a_number_above_zero(db, size):
    with pytest.raises(CommandError, match="above zero"):
        run(f"--batch-size={size}")


@pytest.mark.parametrize("name", ["db", "cache", "cached_db", "file"])
def test_session_that_was_prolonged_unnoticed_is_left_alone(client, alice, settings, tmp_path, name):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{name}"
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    make_due()
    assert run() == "Sessions ended: 0\n"
    session = OPSession.objects.get()
    assert session.is_live
    assert session.expires_at > timezone.now()


def test_batches_reach_all(client_factory, alice, tmp_path):
    for _ in range(5):
        client_factory().force_login(alice)
    lose_sessions(tmp_path)
    make_due()
    assert run("--batch-size", "2", "--pause", "0") == "Sessions ended: 5\n"


def test_person_comes_back_signed_out(signed_in, tmp_path, engine):
    lose_sessions(tmp_path)
    make_due()
    run()
    response = signed_in.get("/o/session-status/")
    assert response.status_code == 204
    assert signed_in.get("/person/").content == b"nobody"
