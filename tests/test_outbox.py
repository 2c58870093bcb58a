from datetime import timedelta

import pytest
from django.utils import timezone

from oidc_session import outbox, rp_sessions, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.databases import captured_queries
from tests.notices import application_at, notice_of, session_of, states

pytestmark = pytest.mark.django_db

Channel, Problem, State = LogoutNotice.Channel, LogoutNotice.Problem, LogoutNotice.State
URI = "https://rp.example/backchannel"


@pytest.fixture(autouse=True)
def both_channels(provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)


def with_frame(application, uri="https://rp.example/frontchannel"):
    application.logout_settings.frontchannel_logout_uri = uri
    application.logout_settings.save()
    return application


def test_each_application_of_a_session_is_owed_a_notice_by_each_channel_it_has(alice):
    by_server, by_both = application_at(URI, "server"), with_frame(application_at(URI, "both"))
    by_browser, by_none = with_frame(application_at("", "browser")), application_at("", "none")
    sessions.end(session_of(alice, by_server, by_both, by_browser, by_none), EndReason.ADMIN)
    assert states() == [
        ("both", Channel.BACKCHANNEL, State.PENDING, ""),
        ("both", Channel.FRONTCHANNEL, State.UNTOLD, Problem.NO_BROWSER),
        ("browser", Channel.FRONTCHANNEL, State.UNTOLD, Problem.NO_BROWSER),
        ("none", Channel.NONE, State.UNTOLD, Problem.NO_URI),
        ("server", Channel.BACKCHANNEL, State.PENDING, ""),
    ]


def test_application_without_any_settings_is_in_the_ledger(alice, application):
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    assert states() == [("sample rp", Channel.NONE, State.UNTOLD, Problem.NO_URI)]


def test_channel_that_is_off_is_not_used(alice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    sessions.end(session_of(alice, with_frame(application_at(URI, "both")), application_at(URI)), EndReason.ADMIN)
    assert states() == [
        ("both", Channel.FRONTCHANNEL, State.UNTOLD, Problem.NO_BROWSER),
        ("rp-1", Channel.NONE, State.UNTOLD, Problem.NO_URI),
    ]


def test_nothing_is_written_with_both_channels_off(alice, provider):
    session = session_of(alice, application_at(URI))
    with captured_queries() as before:
        sessions.end(OPSession.objects.create(user=alice, expires_at=timezone.now()), EndReason.ADMIN)
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False)
    with captured_queries() as queries:
        sessions.end(session, EndReason.ADMIN)
    assert not LogoutNotice.objects.exists()
    assert not [query for query in queries if "oidc_session_logoutnotice" in query]
    assert before


def test_notice_says_what_the_id_token_said(alice):
    session = session_of(alice, application_at(URI))
    joined = RPSession.objects.get()
    rp_sessions.remember_subject(joined, "https://tenant.example/o", "pairwise|1")
    sessions.end(session, EndReason.ADMIN)
    notice = LogoutNotice.objects.get()
    assert (notice.iss, notice.sub, notice.sid) == ("https://tenant.example/o", "pairwise|1", joined.sid)


def test_ending_twice_owes_once(alice):
    session = session_of(alice, application_at(URI))
    sessions.end(session, EndReason.ADMIN)
    sessions.end(session, EndReason.USER)
    assert LogoutNotice.objects.count() == 1


def test_end_that_is_rolled_back_owes_nothing(alice, monkeypatch):
    session = session_of(alice, application_at(URI))
    monkeypatch.setattr(outbox, "write", lambda rp_sessions: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sessions.end(session, EndReason.ADMIN)
    assert OPSession.objects.live().get() == session


def test_notices_of_a_deleted_session_are_still_owed(alice):
    session_of(alice, application_at(URI)).delete()
    notice = LogoutNotice.objects.get()
    assert (notice.state, notice.rp_session) == (State.PENDING, None)


def test_notices_of_a_deleted_person_are_still_owed(alice):
    sub = str(alice.pk)
    session_of(alice, application_at(URI))
    alice.delete()
    assert (LogoutNotice.objects.get().state, LogoutNotice.objects.get().sub) == (State.PENDING, sub)


@pytest.mark.parametrize("number", [1, 20])
def test_writing_costs_two_queries_however_many_applications(alice, provider, number):
    session = session_of(alice, *(application_at(URI, f"rp-{count}") for count in range(number)))
    with captured_queries() as queries:
        sessions.end(session, EndReason.ADMIN)
    ours = [query for query in queries if "oidc_session_logoutnotice" in query or "clientlogoutsettings" in query]
    assert len(ours) == 2


# Taking


@pytest.fixture
def notice(alice):
    application = application_at(URI)
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    return notice_of(application)


def test_notice_is_taken_once(notice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=3)
    (claimed,) = outbox.claim([notice.pk])
    assert not outbox.claim([notice.pk])
    assert (claimed.attempts, claimed.state) == (1, State.PENDING)
    assert outbox.is_leased_for(claimed, 3)
    assert claimed.last_attempt_at < claimed.next_attempt_at


def test_notice_of_a_worker_that_died_is_due_again_after_the_lease(notice):
    first = outbox.claim([notice.pk])[0]
    LogoutNotice.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    second = outbox.claim([notice.pk])[0]
    assert second.attempts == 2
    assert second.lease != first.lease


def test_notice_is_not_taken_before_its_time(notice):
    LogoutNotice.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=10))
    assert not outbox.due().exists()
    assert not outbox.claim([notice.pk])


@pytest.mark.parametrize("state", [State.DELIVERED, State.FAILED, State.SHOWN, State.UNTOLD])
def test_closed_notice_is_not_taken(notice, state):
    LogoutNotice.objects.update(state=state)
    assert not outbox.claim([notice.pk])
