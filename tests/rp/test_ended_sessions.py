"""A logout that is heard while its login is under way."""

import time

import pytest

from oidc_session.rp import ended_sessions
from oidc_session.rp.exceptions import LoginFailed
from oidc_session.rp.models import StoredSession
from oidc_session.rp.session import Session
from oidc_session.rp.stores import store

pytestmark = pytest.mark.django_db
ISS = "https://op.example"


def session(sid="s1"):
    claims = {"iss": ISS, "sub": "alice", "sid": sid}
    return Session(key="k", provider="demo", id_claims=claims, expires_at=time.time() + 300)


def test_session_that_ended_during_its_login_does_not_begin():
    came_back_at = time.time()
    ended_sessions.end(ISS, sid="s1")
    with pytest.raises(LoginFailed, match="meanwhile"):
        ended_sessions.begin(session(), since=came_back_at)
    assert not StoredSession.objects.exists()


@pytest.mark.parametrize("sid", ["s2", None])
def test_other_sessions_begin(sid):
    came_back_at = time.time()
    ended_sessions.end(ISS, sid="s1")
    ended_sessions.end(ISS, sub="bob")
    ended_sessions.begin(session(sid), since=came_back_at)
    assert store().get("k")


def test_later_login_into_the_same_session_begins():
    ended_sessions.end(ISS, sid="s1")
    ended_sessions.begin(session(), since=time.time())
    assert store().get("k")


def test_logout_between_the_code_and_the_session(browser, op, monkeypatch):
    """The provider ends its session right after it has given out the tokens."""
    from oidc_session.rp import login_response

    def ended_meanwhile(provider, claims):
        ended_sessions.end(op.url, sid="s1")
        return []

    monkeypatch.setattr(login_response, "groups_of", ended_meanwhile)
    op.claims = {"sid": "s1"}
    assert browser.come_back(browser.begin()).status_code == 400
    assert browser.status()["state"] == "anonymous"
