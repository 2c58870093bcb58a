"""Whole logouts, with applications that listen on real sockets, threads that send, and transactions that commit."""

import re
import time
from contextlib import ExitStack
from io import StringIO
from threading import Thread
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from oidc_session import background, couriers, delivery, ledger, outbox, rp_sessions, session_store, sessions, tasks
from oidc_session.background import Background
from oidc_session.couriers import MOST_AT_ONCE, MOST_TO_ONE, MOST_TO_STRUGGLING, Couriers
from oidc_session.delivery import Delivery
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.databases import failing_at
from tests.logout import hint_of, join, log_out
from tests.notices import application_at, notice_of, session_of
from tests.receivers import Answers, hangs_after_request, receiver

pytestmark = pytest.mark.django_db(transaction=True)

State, Problem = LogoutNotice.State, LogoutNotice.Problem
WAIT = 0.5


@pytest.fixture(autouse=True)
def loopback(provider, monkeypatch):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=2,
        OIDC_BACKCHANNEL_LOGOUT_WAIT=WAIT,
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"],
        OIDC_RP_INITIATED_LOGOUT_ENABLED=True,
        OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False,
    )
    own_couriers, own_background = Couriers(), Background()
    for module in (couriers, delivery):
        monkeypatch.setattr(module, "couriers", lambda: own_couriers)
    for module in (background, tasks):
        monkeypatch.setattr(module, "background", lambda: own_background)
    yield own_background
    wait_for(own_background)
    own_couriers.threads.shutdown()


@pytest.fixture
def rps():
    """Return a function that starts an application's server, and gives it an application."""
    with ExitStack() as stack:

        def start(behaviour=None, client_id="rp-1"):
            listening = stack.enter_context(receiver(behaviour or Answers(200)))
            return application_at(listening.url, client_id), listening

        yield start


def wait_for(working):
    while thread := working.thread:
        thread.join()


def begun(client, *applications):
    client.force_login(get_user_model().objects.get())
    return [join(client, application.client_id) for application in applications]


# A logout waits a moment


def test_logout_answers_when_all_have_been_told(client, alice, rps):
    applications, listening = zip(*(rps(client_id=f"rp-{number}") for number in range(5)), strict=True)
    begun(client, *applications)
    client.post("/accounts/logout/")
    assert [len(rp.requests) for rp in listening] == [1] * 5
    assert set(LogoutNotice.objects.values_list("state", flat=True)) == {State.DELIVERED}


def test_logout_by_an_application_tells_all(client, alice, rps):
    (first, _), (second, told) = rps(client_id="rp-1"), rps(client_id="rp-2")
    joined = begun(client, first, second)
    log_out(client, id_token_hint=hint_of(joined[0]))
    assert len(told.requests) == 1


def test_one_that_hangs_costs_no_more_than_the_wait(client, alice, rps, loopback, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=3)
    (hanging, _), (good, told) = rps(hangs_after_request, "hanging"), rps(client_id="good")
    begun(client, hanging, good)
    began = time.monotonic()
    client.post("/accounts/logout/")
    assert WAIT - tasks.REST <= time.monotonic() - began < 2.5
    assert (notice_of(good).state, notice_of(hanging).state) == (State.DELIVERED, State.PENDING)
    wait_for(loopback)
    notice = notice_of(hanging)
    assert (notice.state, notice.problem, notice.lease) == (State.PENDING, Problem.TIMEOUT, None)
    assert notice.next_attempt_at > timezone.now()
    assert len(told.requests) == 1


def test_logout_need_not_wait(client, alice, rps, loopback, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_WAIT=0)
    application, listening = rps(Answers(200, after=0.2))
    begun(client, application)
    client.post("/accounts/logout/")
    assert notice_of(application).state == State.PENDING
    wait_for(loopback)
    assert (notice_of(application).state, len(listening.requests)) == (State.DELIVERED, 1)


def test_initiating_application_comes_first(alice, rps, monkeypatch):
    applications = [rps(client_id=f"rp-{number}")[0] for number in range(4)]
    order, send = [], Couriers.send
    monkeypatch.setattr(Couriers, "send", lambda self, notice: order.append(notice.client_id) or send(self, notice))
    initiating = applications[2].pk
    sessions.end(
        session_of(alice, *applications),
        EndReason.RP_LOGOUT,
        tell=lambda keys: tasks.tell_now(keys, first=initiating),
    )
    assert order[0] == "rp-2"
    assert len(order) == 4


def test_what_a_logout_could_not_write_down_is_written_down_in_the_background(alice, rps, loopback, monkeypatch):
    application, listening = rps()
    monkeypatch.setattr(ledger, "record", failing_at(1, ledger.record))
    sessions.end(session_of(alice, application), EndReason.LOGOUT, tell=tasks.tell_now)
    wait_for(loopback)
    assert (notice_of(application).state, notice_of(application).attempts) == (State.DELIVERED, 1)
    assert len(listening.requests) == 1


def test_session_store_that_is_away_keeps_nobody_from_being_told(client, alice, rps, monkeypatch, caplog):
    application, listening = rps()
    begun(client, application)
    monkeypatch.setattr(session_store, "delete", lambda session: 1 / 0)
    assert sessions.end(OPSession.objects.get(), EndReason.ADMIN, tell=tasks.tell_now)
    assert len(listening.requests) == 1
    assert "Error calling" in caplog.text


def test_initiating_application_comes_first_of_more_than_can_be_told_at_once(alice, monkeypatch):
    monkeypatch.setattr(delivery, "LOOK_AHEAD", 2)
    monkeypatch.setattr(couriers, "MOST_AT_ONCE", 2)
    applications = [application_at(f"https://rp-{number}.example/", f"rp-{number}") for number in range(5)]
    keys = []
    sessions.end(session_of(alice, *applications), EndReason.RP_LOGOUT, tell=keys.extend)
    chosen = {}
    Delivery(keys, first=applications[4].pk).choose(chosen)
    assert applications[4].pk in chosen.values()
    for application in chosen.values():
        delivery.couriers().release(application)


def test_person_with_two_sessions_at_one_application_gets_two_notices(alice, rps):
    application, listening = rps()
    for _ in range(2):
        sessions.end(session_of(alice, application), EndReason.LOGOUT, tell=tasks.tell_now)
    assert len({request.fields["logout_token"] for request in listening.requests}) == 2


# In the background


def test_other_ends_do_not_wait(alice, rps, loopback):
    application, listening = rps(Answers(200, after=0.2))
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    assert notice_of(application).state == State.PENDING
    wait_for(loopback)
    assert (notice_of(application).state, len(listening.requests)) == (State.DELIVERED, 1)


def test_expired_sessions_are_told(alice, rps, loopback):
    application, listening = rps()
    session_of(alice, application)
    OPSession.objects.update(expires_at=timezone.now(), session_key="")
    call_command("end_expired_sessions", stdout=StringIO())
    wait_for(loopback)
    assert len(listening.requests) == 1
    assert notice_of(application).state == State.DELIVERED


def test_one_that_hangs_holds_nobody_up_in_the_background(alice, rps, loopback, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=3)
    (hanging, _), (good, told) = rps(hangs_after_request, "hanging"), rps(client_id="good")
    for _ in range(3):
        sessions.end(session_of(alice, hanging), EndReason.ADMIN)
    sessions.end(session_of(alice, good), EndReason.ADMIN)
    began = time.monotonic()
    while not told.requests:
        assert time.monotonic() - began < 2.5
        time.sleep(0.01)
    tasks.background().keys.clear()


def test_what_waits_in_memory_is_bounded(alice, rps, loopback, monkeypatch):
    monkeypatch.setattr(background, "MOST_KEPT", 1)
    applications = [rps(client_id=f"rp-{number}")[0] for number in range(3)]
    kept = []
    monkeypatch.setattr(Background, "work", lambda self: kept.extend(self.keys))
    sessions.end(session_of(alice, *applications), EndReason.ADMIN)
    loopback.thread.join()
    loopback.thread = None
    assert len(kept) == 1


def test_background_survives_a_database_that_fails(alice, rps, loopback, monkeypatch, caplog):
    application, listening = rps()
    run, failures = Delivery.run, [InterfaceError, DatabaseError]

    def run_or_fail(self, patience):
        if failures:
            raise failures.pop()
        return run(self, patience)

    monkeypatch.setattr(background, "LOOK_AGAIN_AFTER", 0.01)
    monkeypatch.setattr(Delivery, "run", run_or_fail)
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    wait_for(loopback)
    assert len(listening.requests) == 1
    assert caplog.messages.count("Logout notices not sent error=DatabaseError") == 1


def test_what_the_background_has_taken_in_is_bounded_too(loopback, monkeypatch):
    monkeypatch.setattr(background, "MOST_KEPT", 3)
    monkeypatch.setattr(Background, "work", lambda self: None)
    loopback.delivery.keys = {uuid4(), uuid4()}
    loopback.take_over([uuid4(), uuid4()], {})
    assert len(loopback.keys) == 1
    loopback.thread.join()
    loopback.thread = None
    loopback.delivery.keys = set()


def test_background_of_a_process_that_ends_begins_no_more(loopback, monkeypatch):
    monkeypatch.setattr(background, "main_thread", Thread)
    loopback.keys = {uuid4()}
    assert not loopback.has_work()


def test_background_that_failed_starts_again(alice, rps, loopback, monkeypatch, recwarn):
    application, _ = rps()
    failing = []
    monkeypatch.setattr("threading.excepthook", failing.append)
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "run", lambda *args: 1 / 0)
        sessions.end(session_of(alice, application), EndReason.ADMIN)
        wait_for(loopback)
    assert failing[0].exc_type is ZeroDivisionError
    other, listening = rps(client_id="rp-2")
    sessions.end(session_of(alice, other), EndReason.ADMIN)
    wait_for(loopback)
    assert len(listening.requests) == 1


# Shares


def test_no_application_takes_more_than_its_share_and_one_that_failed_gets_one():
    threads = Couriers()
    assert [threads.reserve("a") for _ in range(MOST_TO_ONE + 1)] == [True] * MOST_TO_ONE + [False]
    assert threads.with_full_share() == ["a"]
    assert threads.reserve("b")
    threads.release("b")
    threads.struggling.add("b")
    assert [threads.reserve("b") for _ in range(2)] == [True, False]


def test_those_who_fail_leave_couriers_to_the_others():
    threads = Couriers()
    threads.struggling.update(range(MOST_AT_ONCE))
    assert sum(threads.reserve(number) for number in range(MOST_AT_ONCE)) == MOST_TO_STRUGGLING
    assert threads.reserve("good")


def test_no_more_couriers_are_reserved_than_there_are():
    threads = Couriers()
    assert sum(threads.reserve(number) for number in range(2 * MOST_AT_ONCE)) == MOST_AT_ONCE
    assert threads.are_busy()


def test_deleted_applications_need_no_share():
    threads = Couriers()
    assert sum(threads.reserve(None) for _ in range(2 * MOST_AT_ONCE)) == MOST_AT_ONCE


def test_keys_of_what_others_have_sent_are_forgotten(alice, rps):
    applications = [rps(client_id=f"rp-{number}")[0] for number in range(2)]
    sessions.end(session_of(alice, *applications), EndReason.ADMIN, tell=lambda keys: None)
    sent, waiting = map(notice_of, applications)
    sending = Delivery([sent.pk, waiting.pk])
    Delivery([sent.pk]).run()
    sending.forget_what_others_send()
    assert sending.keys == {waiting.pk}


def test_notice_waits_where_another_thread_was_quicker_to_take_the_courier(alice, rps, monkeypatch):
    application, listening = rps()
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    monkeypatch.setattr(Couriers, "reserve", lambda self, application: False)
    sending = Delivery([notice_of(application).pk])
    assert sending.run()
    assert sending.keys == {notice_of(application).pk}
    assert not listening.requests


def test_busy_couriers_leave_a_logout_to_the_background(alice, rps, loopback):
    application, listening = rps()
    for number in range(MOST_AT_ONCE):
        delivery.couriers().reserve(number)
    sessions.end(session_of(alice, application), EndReason.LOGOUT, tell=tasks.tell_now)
    assert notice_of(application).attempts == 0
    for number in range(MOST_AT_ONCE):
        delivery.couriers().release(number)
    wait_for(loopback)
    assert len(listening.requests) == 1


def send_and_close(keys):
    tasks.send_logout_notices.func([str(key) for key in keys])
    connections.close_all()


def test_task_waits_for_couriers(alice, rps, loopback, monkeypatch):
    monkeypatch.setattr(delivery, "LOOK_AGAIN_AFTER", 0.01)
    application, listening = rps()
    keys = []
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=keys.extend)
    for number in range(MOST_AT_ONCE):
        delivery.couriers().reserve(number)
    task = Thread(target=send_and_close, args=(keys,))
    task.start()
    for number in range(MOST_AT_ONCE):
        delivery.couriers().release(number)
    task.join()
    assert len(listening.requests) == 1


def test_couriers_that_others_were_quicker_to_take_are_not_waited_for(alice, rps, monkeypatch):
    application, _ = rps()
    keys = []
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=keys.extend)
    monkeypatch.setattr(Couriers, "reserve", lambda self, application: False)
    sending = Delivery(keys)
    assert sending.run()
    assert sending.keys == set(keys)


def test_what_another_worker_took_frees_its_courier(alice, rps, monkeypatch):
    application, listening = rps()
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    monkeypatch.setattr("oidc_session.outbox.claim", lambda keys: [])
    sending = Delivery([notice_of(application).pk])
    assert sending.run()
    assert not delivery.couriers().carrying
    assert not listening.requests


@pytest.mark.parametrize("failing", ["claim", "due"])
def test_database_that_fails_frees_the_couriers(alice, rps, monkeypatch, failing):
    application, _ = rps()
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    answers = iter([outbox.due()])

    def fail(*args):
        if failing == "due" and (known := next(answers, None)) is not None:
            return known
        raise DatabaseError

    sending = Delivery([notice_of(application).pk])
    monkeypatch.setattr(outbox, failing, fail)
    with pytest.raises(DatabaseError):
        sending.begin()
    assert not delivery.couriers().carrying


def test_courier_of_a_process_that_ends_leaves_its_notice_to_others(alice, rps, monkeypatch):
    application, listening = rps()
    session = session_of(alice, application)
    delivery.couriers().threads.shutdown()
    sessions.end(session, EndReason.LOGOUT, tell=lambda keys: Delivery(keys).run())
    assert (notice_of(application).attempts, notice_of(application).lease) == (0, None)
    assert outbox.due().get() == notice_of(application)
    assert delivery.couriers().are_busy()
    assert not delivery.couriers().carrying
    assert not listening.requests


# The command


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip()


def test_command_sends_all_that_is_due(alice, rps):
    (good, told), (refusing, _) = rps(client_id="good"), rps(Answers(500), "refusing")
    for _ in range(10):
        sessions.end(session_of(alice, good, refusing), EndReason.ADMIN, tell=lambda keys: None)
    assert run("send_logout_notices") == "Applications told: 10, not told yet: 10"
    assert len(told.requests) == 10
    assert run("send_logout_notices") == "Applications told: 0, not told yet: 0"


def test_command_closes_what_a_deleted_application_is_owed(alice, rps):
    application, _ = rps()
    for _ in range(3):
        sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    application.delete()
    run("send_logout_notices")
    assert set(LogoutNotice.objects.values_list("state", "problem")) == {(State.UNTOLD, Problem.CLIENT_DELETED)}


def test_command_sends_nothing_with_the_channel_off(alice, rps, provider):
    application, listening = rps()
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    run("send_logout_notices")
    assert (notice_of(application).state, listening.requests) == (State.PENDING, [])


def test_notice_without_a_key_waits_and_is_signed_with_the_one_that_comes(alice, rps, provider, settings):
    application, listening = rps()
    key = settings.OAUTH2_PROVIDER["OIDC_RSA_PRIVATE_KEY"]
    provider(OIDC_RSA_PRIVATE_KEY="")
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=tasks.tell_now)
    assert (notice_of(application).state, notice_of(application).problem) == (State.PENDING, Problem.NO_KEY)
    provider(OIDC_RSA_PRIVATE_KEY=key)
    LogoutNotice.objects.update(next_attempt_at=timezone.now())
    run("send_logout_notices")
    assert (notice_of(application).state, len(listening.requests)) == (State.DELIVERED, 1)


@pytest.mark.parametrize("interval", ["0", "-1", "soon", "nan"])
def test_interval_is_a_number_above_zero(interval):
    with pytest.raises(CommandError, match="above zero"):
        run("send_logout_notices", f"--interval={interval}")


# One application


def test_everybody_is_signed_out_of_one_application(alice, bob, rps, loopback):
    (one, told), (other, untouched) = rps(client_id="one"), rps(client_id="other")
    for person in (alice, bob, alice):
        session_of(person, one, other)
    assert run("sign_out_everybody", "one", "--batch-size=2", "--most-per-second=1000").endswith("People signed out: 3")
    wait_for(loopback)
    assert (len(told.requests), len(untouched.requests)) == (3, 0)
    assert OPSession.objects.live().count() == 3
    assert RPSession.objects.filter(application=one, ended_at=None).count() == 0
    assert run("sign_out_everybody", "one") == "People signed out: 0"


def test_unknown_application_is_an_error():
    with pytest.raises(CommandError, match="There is no application with the client_id 'nobody'"):
        run("sign_out_everybody", "nobody")


def test_application_that_left_is_not_told_again_with_its_session(alice, rps):
    application, listening = rps()
    session = session_of(alice, application)
    assert rp_sessions.end(RPSession.objects.get(), tell=tasks.tell_now)
    assert not rp_sessions.end(RPSession.objects.get(), tell=tasks.tell_now)
    sessions.end(session, EndReason.ADMIN, tell=tasks.tell_now)
    assert len(listening.requests) == 1


def test_application_that_left_joins_again_by_another_sid(client, alice, rps):
    application, _ = rps()
    (before,) = begun(client, application)
    rp_sessions.end(before, tell=lambda keys: None)
    after = join(client, application.client_id)
    assert (after.pk, after.ended_at) == (before.pk, None)
    assert after.sid != before.sid
    assert notice_of(application).sid == before.sid


def test_page_after_a_logout_says_who_has_confirmed_and_who_has_not_yet(client, alice, rps):
    applications = [rps()[0], rps(hangs_after_request, "rp-2")[0], application_at("", "rp-3")]
    [joined, *_others] = begun(client, *applications)
    page = log_out(client, id_token_hint=hint_of(joined)).content.decode()
    entries = re.findall(r'data-state="([^"]+)">\s*<strong><bdi>([^<]+)</bdi></strong>\s*<span>([^<:]+)', page)
    assert entries == [
        ("signed-out", "Rp-1", "signed you out"),
        ("being-told", "Rp-2", "is still being told"),
        ("unknown", "Rp-3", "could not be told"),
    ]
