import pytest
from django.db import router, transaction

from oidc_session import rp_sessions, sessions, signals
from oidc_session.models import EndReason, OPSession, RPSession
from tests.databases import number_of, undone
from tests.notices import session_of
from tests.oidc import authorize

pytestmark = pytest.mark.django_db(transaction=True)

SIGNALS = ("op_session_started", "op_session_ended", "rp_session_joined")


@pytest.fixture
def sent():
    """The signals that were sent, each with its session."""
    found, receivers = [], []
    for name in SIGNALS:

        def receive(sender, session, name=name, **kwargs):
            assert type(session) is sender
            found.append((name, session))

        getattr(signals, name).connect(receive)
        receivers.append((getattr(signals, name), receive))
    yield found
    for signal, receive in receivers:
        signal.disconnect(receive)


@pytest.fixture
def said(caplog):
    caplog.set_level("INFO", "oidc_session.announcements")
    return caplog


def names(sent):
    return [name for name, _session in sent]


def test_sign_in_is_announced_once(client, alice, sent, said):
    client.force_login(alice)
    client.force_login(alice)
    [(name, session)] = sent
    assert (name, session.user, session.is_live) == ("op_session_started", alice, True)
    assert said.messages == [f"OP session started op_session={session.pk} user={alice.pk}"]


def test_end_is_announced_once_with_its_reason(alice, sent, said):
    session = session_of(alice)
    sessions.end(OPSession(pk=session.pk), EndReason.ADMIN)
    sessions.end(session, EndReason.LOGOUT)
    [(name, ended)] = sent
    assert (name, ended.user, ended.end_reason, ended.is_live) == ("op_session_ended", alice, "admin", False)
    assert said.messages == [f"OP session ended op_session={session.pk} reason=admin"]


def test_end_by_deleting_is_announced(alice, sent):
    session_of(alice).delete()
    [(name, ended)] = sent
    assert (name, ended.user, ended.end_reason) == ("op_session_ended", alice, "admin")


def test_receivers_of_an_end_cost_no_query(alice, sent):
    session, another = session_of(alice), session_of(alice)
    with_receiver = number_of(lambda: sessions.end(session, EndReason.ADMIN))
    signals.op_session_ended.receivers, before = [], signals.op_session_ended.receivers
    signals.op_session_ended.sender_receivers_cache.clear()
    try:
        assert number_of(lambda: sessions.end(another, EndReason.ADMIN)) == with_receiver
    finally:
        signals.op_session_ended.receivers = before


def test_application_that_joins_is_announced_once(client, alice, application, sent, said):
    client.force_login(alice)
    authorize(client)
    authorize(client)
    assert names(sent) == ["op_session_started", "rp_session_joined"]
    joined = sent[1][1]
    assert (joined.application, joined.op_session) == (application, sent[0][1])
    assert said.messages[1] == f"RP session joined op_session={joined.op_session_id} client_id=sample rp"
    assert joined.sid not in said.text


def test_application_that_joins_within_a_transaction_is_announced_when_it_is_committed(alice, application, sent):
    session = OPSession.objects.create(user=alice, expires_at="2030-01-01T00:00:00Z")
    with transaction.atomic(using=router.db_for_write(RPSession)):
        rp_sessions.join(session, application)
        rp_sessions.join(session, application)
        assert sent == []
    assert names(sent) == ["rp_session_joined"]


def test_application_that_joins_again_is_announced_again(alice, application, sent):
    session = session_of(alice, application)
    rp_sessions.end(RPSession.objects.get())
    joined = rp_sessions.join(session, application)
    assert names(sent) == ["rp_session_joined", "rp_session_joined"]
    assert sent[1][1].sid == joined.sid != sent[0][1].sid


def test_of_two_who_join_again_at_one_moment_one_is_announced(alice, application, sent):
    session_of(alice, application)
    rp_sessions.end(RPSession.objects.get())
    one, other = RPSession.objects.get(), RPSession.objects.get()
    for left in (one, other):
        rp_sessions._begin_anew(left, "https://op.example/o")
    assert one.sid == other.sid
    assert names(sent) == ["rp_session_joined", "rp_session_joined"]


def test_what_is_not_committed_is_not_announced(alice, application, sent, said):
    session = session_of(alice)
    with undone():
        sessions.end(session, EndReason.ADMIN)
        rp_sessions.join(session, application)
    assert sent == []
    assert said.messages == []


def test_error_of_a_receiver_stops_nobody(client, alice, caplog, sent):
    def fail(**kwargs):
        raise ValueError("broken")

    signals.op_session_started.connect(fail)
    try:
        client.force_login(alice)
    finally:
        signals.op_session_started.disconnect(fail)
    assert OPSession.objects.live().filter(user=alice).exists()
    assert [record.name for record in caplog.records] == ["django.dispatch"]
