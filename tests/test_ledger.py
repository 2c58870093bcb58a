import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from oidc_session import ledger, outbox, sessions, signals
from oidc_session.ledger import Outcome
from oidc_session.models import EndReason, LogoutNotice
from tests.notices import application_at, notice_of, session_of

pytestmark = pytest.mark.django_db

Problem, State = LogoutNotice.Problem, LogoutNotice.State
TOLD = Outcome(status=200)
DOWN = Outcome(Problem.CONNECTION)
REFUSED = Outcome(Problem.ANSWER, 400, is_final=True)


@pytest.fixture
def claimed(alice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("https://rp.example/backchannel")
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    return outbox.claim([notice_of(application).pk])[0]


@pytest.fixture
def record(django_capture_on_commit_callbacks):
    def record(notice, outcome):
        with django_capture_on_commit_callbacks(execute=True):
            ledger.record([(notice, outcome)])
        return LogoutNotice.objects.get(pk=notice.pk)

    return record


@pytest.fixture
def sent():
    """The signals that were sent, each with the notice's state."""
    heard = []

    def hear(signal, notice, **kwargs):
        heard.append((signal, notice.state))

    known = (signals.logout_notice_delivered, signals.logout_notice_failed, signals.logout_notice_postponed)
    for signal in known:
        signal.connect(hear)
    yield heard
    for signal in known:
        signal.disconnect(hear)


def test_delivered_notice_is_closed(claimed, record, sent, caplog):
    caplog.set_level(logging.INFO)
    notice = record(claimed, TOLD)
    assert (notice.state, notice.problem, notice.last_status) == (State.DELIVERED, "", 200)
    assert (notice.lease, notice.next_attempt_at) == (None, None)
    assert notice.closed_at
    assert sent == [(signals.logout_notice_delivered, State.DELIVERED)]
    assert caplog.messages == ["Logout notice delivered client_id=rp-1 attempts=1 status=200"]


def test_refused_notice_is_closed_at_once(claimed, record, sent, caplog):
    notice = record(claimed, REFUSED)
    assert (notice.state, notice.problem, notice.last_status) == (State.FAILED, Problem.ANSWER, 400)
    assert sent == [(signals.logout_notice_failed, State.FAILED)]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.messages == ["Logout notice failed client_id=rp-1 attempts=1 status=400 problem=answer"]


def test_postponed_notice_waits_for_its_time(claimed, record, sent, caplog):
    notice = record(claimed, DOWN)
    wait = (notice.next_attempt_at - timezone.now()).total_seconds()
    assert (notice.state, notice.problem, notice.lease) == (State.PENDING, Problem.CONNECTION, None)
    assert 0 < wait <= ledger.FIRST_DELAY
    assert sent == [(signals.logout_notice_postponed, State.PENDING)]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_delivery_forgets_the_problem_before(claimed, record):
    record(claimed, DOWN)
    LogoutNotice.objects.update(next_attempt_at=timezone.now())
    assert record(outbox.claim([claimed.pk])[0], TOLD).problem == ""


@pytest.mark.parametrize("problem", [Problem.NO_URI, Problem.CLIENT_DELETED])
def test_application_that_cannot_be_told_is_not_tried_again(claimed, record, problem):
    notice = record(claimed, Outcome(problem))
    assert (notice.state, notice.problem) == (State.UNTOLD, problem)


def test_notice_that_was_not_tried_is_due_at_once(claimed, record, sent):
    notice = record(claimed, Outcome(Problem.INTERNAL, was_tried=False))
    assert (notice.state, notice.attempts, notice.problem) == (State.PENDING, 0, "")
    assert outbox.due().get() == notice
    assert not sent


def test_what_another_worker_has_taken_is_left_to_it(claimed, record, sent):
    LogoutNotice.objects.update(next_attempt_at=timezone.now())
    theirs = outbox.claim([claimed.pk])[0]
    assert record(claimed, REFUSED).state == State.PENDING
    assert not sent
    assert record(theirs, TOLD).state == State.DELIVERED


def test_receiver_of_a_signal_that_fails_changes_nothing(claimed, record, caplog):
    def fail(**kwargs):
        raise RuntimeError

    signals.logout_notice_delivered.connect(fail)
    try:
        assert record(claimed, TOLD).state == State.DELIVERED
    finally:
        signals.logout_notice_delivered.disconnect(fail)


# The clock


def test_delays_grow_to_a_limit():
    longest = [max(ledger.delay(attempts) for _ in range(200)) for attempts in (1, 2, 4, 7, 10_000)]
    assert longest == sorted(longest)
    assert longest[0] <= 10
    assert longest[-1] <= ledger.LONGEST_DELAY


def test_delays_differ():
    assert len({ledger.delay(3) for _ in range(20)}) > 1


def test_application_may_ask_for_a_longer_delay_but_not_for_a_year():
    assert ledger.delay(1, retry_after=120) == 120
    assert ledger.delay(1, retry_after=365 * 24 * 3600) == ledger.LONGEST_RETRY_AFTER
    assert ledger.delay(5, retry_after=1) > 1


class Clock:
    """Django's clock as the modules of delivery see it."""

    def __init__(self, monkeypatch):
        self.now = timezone.now()
        for module in (outbox, ledger):
            monkeypatch.setattr(module.timezone, "now", lambda: self.now)

    def to(self, moment):
        self.now = max(self.now, moment)


def attempts_until(clock, record, outcome_at):
    """Try whenever the notice is due, until it is closed; return how many seconds that took."""
    began = clock.now
    while notice := LogoutNotice.objects.filter(state=State.PENDING).first():
        clock.to(notice.next_attempt_at)
        claimed = outbox.claim([notice.pk])[0]
        record(claimed, outcome_at((clock.now - began).total_seconds()))
    return (clock.now - began).total_seconds()


def test_application_that_is_down_for_ten_minutes_is_told_when_it_returns(claimed, record, monkeypatch, sent):
    clock = Clock(monkeypatch)
    record(claimed, DOWN)
    seconds = attempts_until(clock, record, lambda passed: DOWN if passed < 600 else TOLD)
    assert 600 <= seconds < 1800
    assert LogoutNotice.objects.get().state == State.DELIVERED
    assert 5 <= LogoutNotice.objects.get().attempts <= 15


def test_application_that_never_returns_is_given_up_after_the_horizon(claimed, record, monkeypatch, sent, caplog):
    clock = Clock(monkeypatch)
    record(claimed, DOWN)
    seconds = attempts_until(clock, record, lambda passed: DOWN)
    assert 71 * 3600 < seconds <= 72 * 3600
    assert (LogoutNotice.objects.get().state, LogoutNotice.objects.get().problem) == (State.FAILED, Problem.CONNECTION)
    assert sent[-1] == (signals.logout_notice_failed, State.FAILED)
    assert caplog.records[-1].levelname == "ERROR"
    assert LogoutNotice.objects.get().attempts < 400


def test_horizon_is_a_setting(claimed, record, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_HORIZON=3600)
    LogoutNotice.objects.update(created_at=timezone.now() - timedelta(hours=2))
    claimed.refresh_from_db()
    assert record(claimed, DOWN).state == State.FAILED
