"""manage.py send_logout_notices --loop: how it goes on, and how it ends."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import StringIO
from threading import Event, Timer

import pytest
from django.core.management import call_command
from django.db import OperationalError

from oidc_session import couriers, delivery, ledger, outbox, sessions
from oidc_session.couriers import MOST_TO_ONE, Couriers
from oidc_session.delivery import Delivery
from oidc_session.models import EndReason, LogoutNotice
from oidc_session.signals import logout_notice_delivered
from tests.databases import failing_at
from tests.notices import application_at, session_of
from tests.processes import SECONDS, wait_until
from tests.receivers import Answers, receiver

pytestmark = pytest.mark.django_db(transaction=True)

State = LogoutNotice.State


@pytest.fixture(autouse=True)
def own_couriers(provider, monkeypatch):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=SECONDS,
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"],
    )
    own_couriers = Couriers()
    for module in (couriers, delivery):
        monkeypatch.setattr(module, "couriers", lambda: own_couriers)
    yield own_couriers
    own_couriers.threads.shutdown()


@pytest.fixture
def application(alice):
    """Return a function that starts an application's server, and owes it so many notices."""
    with ExitStack() as stack:

        def start(behaviour, notices=1, client_id="rp-1"):
            listening = stack.enter_context(receiver(behaviour))
            owed = application_at(listening.url, client_id)
            for _ in range(notices):
                owe(alice, owed)
            return owed, listening

        yield start


@pytest.fixture
def on_delivery():
    """Return a function that has another one called with each notice that was delivered."""
    with ExitStack() as stack:

        def call(function):
            def receive(notice, **kwargs):
                function(notice)

            logout_notice_delivered.connect(receive)
            stack.callback(logout_notice_delivered.disconnect, receive)

        yield call


def owe(person, application):
    sessions.end(session_of(person, application), EndReason.ADMIN, tell=lambda keys: None)


def loop(interval=0.01):
    output = StringIO()
    call_command("send_logout_notices", "--loop", f"--interval={interval}", stdout=output)
    return output.getvalue().strip()


def end(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


def handlers():
    return [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]


def states():
    return sorted(LogoutNotice.objects.values_list("state", "attempts", "lease"))


# The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_loop_brings_to_an_end_what_it_has_begun_and_begins_no_more(application, monkeypatch, number):
    signals, stop = [], Delivery.stop  # An Event that is waited for may not be set by a signal handler.
    monkeypatch.setattr(Delivery, "stop", lambda self: (stop(self), signals.append(number)))

    def end_the_loop(peer):
        peer.read_request()
        end(number)
        wait_until(lambda: signals)
        peer.send(Answers(200).answer)

    application(end_the_loop, MOST_TO_ONE + 2)
    assert loop() == f"Applications told: {MOST_TO_ONE}, not told yet: 0"
    assert states() == [(State.DELIVERED, 1, None)] * MOST_TO_ONE + [(State.PENDING, 0, None)] * 2


def test_signal_wakes_a_loop_that_waits(application, on_delivery):
    application(Answers(200))
    on_delivery(lambda notice: Timer(0.2, end).start())
    assert loop(interval=3600) == "Applications told: 1, not told yet: 0"


def test_signals_mean_what_they_did_before(application, on_delivery):
    before = handlers()
    application(Answers(200))
    on_delivery(lambda notice: end())
    loop()
    assert handlers() == before


# What it goes on with


def test_loop_sends_what_is_written_later(alice, application, on_delivery):
    application(Answers(200), client_id="first")
    later, told = application(Answers(200), 0, "later")
    on_delivery(lambda notice: end() if notice.client_id == "later" else owe(alice, later))
    assert loop() == "Applications told: 2, not told yet: 0"
    assert len(told.requests) == 1


def test_loop_looks_again_while_an_application_lets_it_wait(alice, application, on_delivery):
    answer = Event()

    def hang(peer):
        peer.read_request()
        answer.wait(SECONDS)
        peer.send(Answers(200).answer)

    application(hang, client_id="hanging")
    application(Answers(200), client_id="first")
    later, _ = application(Answers(200), 0, "later")
    what_next = {"first": lambda: owe(alice, later), "later": answer.set, "hanging": end}
    on_delivery(lambda notice: what_next[notice.client_id]())
    assert loop() == "Applications told: 3, not told yet: 0"


@pytest.mark.parametrize(("function", "call"), [("due", 1), ("due", 2), ("claim", 1)])
def test_loop_survives_a_database_that_is_away(
    application, on_delivery, monkeypatch, caplog, own_couriers, function, call
):
    application(Answers(200))
    on_delivery(lambda notice: end())
    monkeypatch.setattr(outbox, function, failing_at(call, getattr(outbox, function)))
    assert loop() == "Applications told: 1, not told yet: 0"
    assert "Logout notices not sent error=OperationalError" in caplog.messages
    assert "demo-pass" not in caplog.text
    assert not own_couriers.carrying


def test_what_could_not_be_written_down_is_written_down_later(application, on_delivery, monkeypatch):
    _, told = application(Answers(200))
    on_delivery(lambda notice: end())
    monkeypatch.setattr(ledger, "record", failing_at(1, ledger.record))
    assert loop() == "Applications told: 1, not told yet: 0"
    assert states() == [(State.DELIVERED, 1, None)]
    assert len(told.requests) == 1


def test_what_could_not_be_written_down_in_time_is_left_to_others(application, monkeypatch):
    application(Answers(200))
    monkeypatch.setattr(ledger, "record", failing_at(1, ledger.record))
    monkeypatch.setattr(outbox, "is_leased_for", lambda notice, seconds: seconds > 0)
    sending = Delivery()
    with pytest.raises(OperationalError):
        sending.run()
    assert not sending.under_way


# Leases


def test_nothing_is_sent_beyond_its_lease_however_slow_the_couriers_are(application, own_couriers, monkeypatch):
    monkeypatch.setattr(outbox, "LEASE_MARGIN", 0.2)
    own_couriers.threads = ThreadPoolExecutor(1)
    outcomes, record = [], ledger.record
    monkeypatch.setattr(ledger, "record", lambda found: record(kept(found, outcomes)))
    _, told = application(Answers(200, after=0.3), 4)
    Delivery().run()
    assert [outcome.was_tried for outcome in outcomes].count(False) > 0
    assert len(told.requests) == 4
    assert states() == [(State.DELIVERED, 1, None)] * 4


def kept(outcomes, keep):
    for notice, outcome in outcomes:
        keep.append(outcome)
        yield notice, outcome
