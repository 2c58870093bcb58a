import time

import pytest

from oidc_session.rp.handles import is_handle, mark, new_handle
from oidc_session.rp.session import Expiry, Session, State


@pytest.fixture(autouse=True)
def lifetimes(rp):
    rp(session_lifetime=1000, idle_lifetime=100, revivable_lifetime=500)


def session(started=0.0, used=0.0, expired=0.0, **kwargs):
    """Return a session that began, was used, and expired so many seconds ago."""
    now = time.time()
    kwargs = {"expires_at": now + 10, "id_claims": {"iss": "https://op.example", "sub": "alice"}} | kwargs
    expired_at = now - expired if expired else 0
    return Session("k", "demo", started_at=now - started, used_at=now - used, expired_at=expired_at, **kwargs)


@pytest.mark.parametrize(
    ("given", "state", "expiry"),
    [
        (dict(), State.ACTIVE, None),
        (dict(started=990, used=90), State.ACTIVE, None),
        (dict(started=200, used=110), State.EXPIRED, Expiry.INACTIVITY),
        (dict(started=1010), State.EXPIRED, Expiry.LIFETIME),
        (dict(started=1010, used=110), State.EXPIRED, Expiry.INACTIVITY),
        (dict(started=900, used=590), State.EXPIRED, Expiry.INACTIVITY),
        (dict(started=900, used=610), State.GONE, Expiry.INACTIVITY),
        (dict(started=1490), State.EXPIRED, Expiry.LIFETIME),
        (dict(started=1510), State.GONE, Expiry.LIFETIME),
        (dict(expired=1, expired_by="refused"), State.EXPIRED, Expiry.REFUSED),
        (dict(expired=510, expired_by="refused"), State.GONE, Expiry.REFUSED),
    ],
)
def test_state_follows_from_the_times(given, state, expiry):
    one = session(**given)
    assert (one.state, one.expiry) == (state, expiry)


def test_access_lives_as_long_as_its_token():
    assert session().access_is_live
    assert not session(expires_at=time.time() - 1).access_is_live


@pytest.mark.parametrize(("sid", "taken"), [("s", "s"), (None, ""), (5, "")])
def test_sid_is_a_string_or_none(sid, taken):
    assert session(id_claims={"iss": "i", "sub": "s", "sid": sid}).sid == taken


def test_tokens_are_not_shown():
    shown = repr(session(id_token="secret-i", access_token="secret-a", refresh_token="secret-r"))
    assert "secret" not in shown


def test_handles_are_known_by_their_shape():
    assert is_handle(new_handle())
    assert new_handle() != new_handle()
    assert not any(map(is_handle, ("", "a", "a" * 44, "a" * 42 + "!", "a" * 42 + "é", "e30." * 11, "a" * 43 + "\n")))


def test_marks_tell_what_belongs_to_what():
    assert mark("a", "b") == mark("a", "b")
    assert len({mark("a", "b"), mark("ab"), mark("a b"), mark("b", "a"), mark("a", "b", "")}) == 5
