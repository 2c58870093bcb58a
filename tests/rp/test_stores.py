"""Both stores keep sessions alike."""

import time
from dataclasses import replace

import pytest
from django.core.management import call_command

from oidc_session.rp.models import LoginUnderWay, StoredSession
from oidc_session.rp.session import Session
from oidc_session.rp.stores import store as configured_store
from tests.databases import captured_queries

pytestmark = pytest.mark.django_db
ISS = "https://op.example"


@pytest.fixture(params=["database", "cache"])
def store(request, rp):
    rp(store=request.param)
    return configured_store()


@pytest.fixture
def database_store(rp):
    rp(store="database")
    return configured_store()


def session(key="k", sub="alice", sid="s1", **kwargs):
    claims = {"iss": ISS, "sub": sub} | ({"sid": sid} if sid else {})
    return Session(key=key, provider="demo", id_claims=claims, expires_at=time.time() + 300, **kwargs)


def test_session_comes_back_as_it_was(store):
    kept = session(access_token="a", refresh_token="r", id_token="i", groups=["staff", "a,b"], session_state="x.y")
    store.create(kept)
    assert store.get("k") == kept


def test_unknown_session_is_none(store):
    assert store.get("k") is None
    assert store.remove("k") is False


def test_replacing_brings_the_next_version(store):
    store.create(session())
    written = store.replace(replace(store.get("k"), access_token="new"))
    assert (written.access_token, written.version) == ("new", 1)
    assert store.get("k") == written


def test_of_two_who_write_one_version_the_second_is_told(store):
    store.create(session())
    read = store.get("k")
    assert store.replace(replace(read, access_token="first"))
    assert store.replace(replace(read, access_token="second")) is None
    assert store.get("k").access_token == "first"


def test_removed_session_is_never_made_anew(store):
    store.create(session())
    read = store.get("k")
    assert store.remove("k") is True
    assert store.replace(read) is None
    assert store.get("k") is None


def test_session_removed_while_it_is_written_stays_removed(rp, monkeypatch):
    """The cache's two steps, with a logout in between."""
    rp(store="cache")
    store = configured_store()
    store.create(session())
    read = store.get("k")
    monkeypatch.setattr(store, "_write", lambda *args: (store.remove("k"), type(store)._write(store, *args)))
    assert store.replace(read) is None
    assert store.get("k") is None


def test_use_is_noted_whoever_writes(store):
    store.create(session())
    read = store.get("k")
    store.touch("k", 5.0)
    store.replace(read)
    assert store.get("k").used_at == 5.0


def test_logout_of_a_provider_s_session_ends_its_own(store):
    for key, sid in (("1", "s1"), ("2", "s1"), ("3", "s2"), ("4", "")):
        store.create(session(key, sid=sid))
    store.remove_all(ISS, sid="s1")
    assert [bool(store.get(key)) for key in "1234"] == [False, False, True, True]


def test_logout_of_a_person_ends_all_of_theirs(store):
    for key, sub in (("1", "alice"), ("2", "alice"), ("3", "bob")):
        store.create(session(key, sub))
    store.remove_all(ISS, sub="alice")
    assert [bool(store.get(key)) for key in "123"] == [False, False, True]


def test_logout_at_another_provider_ends_nothing(store):
    store.create(session())
    store.remove_all("https://other.example", sub="alice")
    store.remove_all("https://other.example", sid="s1")
    assert store.get("k")


def test_person_may_sign_in_again_after_a_logout(store):
    store.create(session("1"))
    store.remove_all(ISS, sub="alice")
    store.create(session("2"))
    assert store.get("2")
    assert store.get("1") is None


def test_session_that_was_written_anew_is_found_by_a_logout(store):
    store.create(session())
    store.replace(replace(store.get("k"), id_claims={"iss": ISS, "sub": "alice", "sid": "s2"}))
    store.remove_all(ISS, sid="s2")
    assert store.get("k") is None


def test_lease_is_one_owner_s(store):
    store.create(session())
    assert store.lease("k", "one", 10)
    assert not store.lease("k", "two", 10)
    store.release("k", "two")
    assert not store.lease("k", "two", 10)
    store.release("k", "one")
    assert store.lease("k", "two", 10)


def test_lease_may_be_prolonged_by_its_owner(store):
    store.create(session())
    store.lease("k", "one", 0.01)
    assert store.lease("k", "one", 10)
    assert not store.lease("k", "two", 10)


def test_lease_of_somebody_else_is_not_prolonged(store):
    store.create(session())
    store.lease("k", "one", -1)
    assert store.lease("k", "two", 10)
    assert not store.lease("k", "one", 10)
    store.release("k", "one")
    assert not store.lease("k", "one", 10)


def test_lease_that_has_lapsed_may_be_taken(store):
    store.create(session())
    store.lease("k", "one", -1)
    assert store.lease("k", "two", 10)
    store.release("k", "one")
    assert not store.lease("k", "three", 10)


def test_login_is_taken_once(store):
    store.begin_login("l", "sealed", 60)
    assert store.take_login("l") == "sealed"
    assert store.take_login("l") is None


def test_login_lasts_for_its_time(store):
    store.begin_login("l", "sealed", -1)
    assert store.take_login("l") is None


def test_nothing_that_is_kept_can_be_read(database_store):
    database_store.create(
        session(sub="alice@example.org", sid="session-1", access_token="secret-1", groups=["group-1"])
    )
    row = vars(StoredSession.objects.get())
    assert not any(word in f"{row}" for word in ("alice@", "secret-", "group-", "session-", ISS))


def test_row_put_in_another_s_place_is_none(database_store, caplog):
    for key, sub in (("1", "alice"), ("2", "mallory")):
        database_store.create(session(key, sub))
    StoredSession.objects.filter(key="2").update(sealed=StoredSession.objects.get(key="1").sealed)
    assert database_store.get("2") is None
    assert "key=2" in caplog.text


def test_key_of_the_past_reads_until_it_is_taken_out(store, rp, settings):
    store.create(session())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert store.get("k")
    settings.SECRET_KEY_FALLBACKS = []
    assert store.get("k") is None


def test_keys_of_one_s_own_are_rotated(store, rp):
    rp(encryption_keys=["o" * 32])
    store.create(session())
    rp(encryption_keys=["n" * 32, "o" * 32])
    store.replace(store.get("k"))
    rp(encryption_keys=["n" * 32])
    assert store.get("k")
    rp(encryption_keys=["x" * 32])
    assert store.get("k") is None


def test_lookup_takes_one_query(database_store):
    database_store.create(session())
    with captured_queries() as queries:
        database_store.get("k")
    assert len(queries) == 1


def test_what_is_long_over_is_forgotten(database_store, rp, capsys):
    rp(session_lifetime=100, idle_lifetime=10, revivable_lifetime=1000)
    now = time.time()
    for key, started, used in (("young", 5, 5), ("revivable", 1000, 995), ("idle", 1020, 1020), ("old", 1101, 0)):
        database_store.create(session(key, started_at=now - started, used_at=now - used))
    database_store.begin_login("over", "x", -1)
    database_store.begin_login("under way", "x", 60)
    call_command("clear_rp_sessions", "--dry-run")
    assert capsys.readouterr().out == "Sessions that would be forgotten: 2\n"
    call_command("clear_rp_sessions")
    assert capsys.readouterr().out == "Sessions forgotten: 2\n"
    assert {row.key for row in StoredSession.objects.all()} == {"young", "revivable"}
    assert [str(login) for login in LoginUnderWay.objects.all()] == ["under wa"]
    assert {str(row) for row in StoredSession.objects.all()} == {"young", "revivabl"}


def test_cache_forgets_by_itself(rp):
    rp(store="cache", session_lifetime=1, revivable_lifetime=1)
    configured_store().create(session(started_at=time.time() - 2))
    assert configured_store().get("k") is None
    assert configured_store().clear_expired() == configured_store().count_expired() == 0


def test_glance_sees_who_is_there_and_what_was_written(store):
    for key, sid in (("a", "s1"), ("b", "s2"), ("c", "s3"), ("d", "s4")):
        store.create(session(key=key, sid=sid))
    store.replace(store.get("b"))
    store.touch("b", 5.0)
    store.remove_all(ISS, sid="s3")
    store.remove("d")
    seen = store.glance(["a", "b", "c", "d", "unknown"])
    assert {key: glance.version for key, glance in seen.items()} == {"a": 0, "b": 1}
    assert seen["b"].used_at == 5.0
    assert seen["a"].started_at == store.get("a").started_at
    assert store.glance([]) == {}


def test_glance_at_many_costs_few_queries(database_store):
    database_store.create(session())
    with captured_queries() as queries:
        assert set(database_store.glance([f"unknown {number}" for number in range(700)] + ["k"])) == {"k"}
    assert len(queries) == 2
