"""Ending and joining by two processes at the same moment."""

import pytest

from oidc_session import rp_sessions, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.oidc import authorize

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(client, alice, application):
    client.force_login(alice)
    authorize(client)
    return OPSession.objects.get()


def test_of_two_who_end_a_session_one_does(at_once, session):
    rows = OPSession.objects.filter(pk=session.pk)
    results = at_once(
        rows, lambda: sessions.end(session, EndReason.ADMIN), lambda: sessions.end(session, EndReason.EXPIRED)
    )
    assert sorted(results) == [False, True]


def test_two_who_join_at_once_get_one_sid(at_once, session, application):
    RPSession.objects.all().delete()
    rows = OPSession.objects.filter(pk=session.pk)  # A new row locks the row that it refers to.
    first, second = at_once(
        rows, lambda: rp_sessions.join(session, application), lambda: rp_sessions.join(session, application)
    )
    assert first.sid == second.sid
    assert RPSession.objects.count() == 1


def test_application_that_leaves_as_its_session_ends_is_told_once(at_once, provider, session):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    rows = OPSession.objects.filter(pk=session.pk)
    results = at_once(
        rows, lambda: sessions.end(session, EndReason.ADMIN), lambda: rp_sessions.end(RPSession.objects.get())
    )
    assert results[0]
    assert LogoutNotice.objects.count() == 1
