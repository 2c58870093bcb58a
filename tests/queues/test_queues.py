"""Notices that the workers of a real task queue send."""

import time
from contextlib import ExitStack
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from oidc_session import sessions, tasks
from oidc_session.models import EndReason, LogoutNotice
from tests.notices import application_at, notice_of, session_of
from tests.queues.queues import CeleryQueue
from tests.queues.workers import eventually
from tests.receivers import Answers, hangs, hangs_after_request, receiver
from tools.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)

State = LogoutNotice.State
QUICK = 1.5  # Seconds; to find out that a broker is down takes 0.6 for each task.


class InTurn:
    """One behaviour for each connection."""

    def __init__(self, *behaviours):
        self.left = iter(behaviours)

    def __call__(self, peer):
        next(self.left)(peer)


def end(user, *applications):
    sessions.end(session_of(user, *applications), EndReason.ADMIN)
    tasks.enqueuing().finish()


def command_sends():
    output = StringIO()
    call_command("send_logout_notices", stdout=output)
    return output.getvalue().strip()


def is_told(application):
    return notice_of(application).state == State.DELIVERED


def test_worker_tells_what_an_administrator_ended(alice, queue):
    with receiver(Answers(200)) as rp:
        application = application_at(rp.url)
        end(alice, application)
        assert (notice_of(application).attempts, rp.requests) == (0, [])
        with queue.worker():
            eventually(lambda: is_told(application))
    assert (notice_of(application).attempts, len(rp.requests)) == (1, 1)


def test_worker_tries_again_when_the_time_has_come(alice, queue):
    with receiver(InTurn(Answers(503), Answers(200))) as rp, queue.worker():
        application = application_at(rp.url)
        end(alice, application)
        eventually(lambda: is_told(application))
    tokens = {request.fields["logout_token"] for request in rp.requests}
    assert (notice_of(application).attempts, len(tokens)) == (2, 2)


def test_command_tells_what_a_killed_worker_had(alice, queue):
    with receiver(InTurn(hangs_after_request, Answers(200))) as rp:
        application = application_at(rp.url)
        end(alice, application)
        with queue.worker() as worker:
            eventually(lambda: rp.requests)
            worker.kill()
        assert command_sends() == "Applications told: 0, not told yet: 0"
        LogoutNotice.objects.update(next_attempt_at=timezone.now())  # As when the lease is over.
        assert command_sends() == "Applications told: 1, not told yet: 0"
    assert (notice_of(application).state, notice_of(application).attempts) == (State.DELIVERED, 2)


def test_worker_sends_nothing_that_the_command_has_sent(alice, queue):
    with receiver(Answers(200)) as early, receiver(Answers(200)) as late:
        first, second = application_at(early.url, "early"), application_at(late.url, "late")
        end(alice, first)
        assert command_sends() == "Applications told: 1, not told yet: 0"
        with queue.worker():
            end(alice, second)
            eventually(lambda: is_told(second))
    assert (len(early.requests), len(late.requests)) == (1, 1)


# A broker that is down


@pytest.fixture
def failing(alice):
    """Return applications that are told at the second attempt, for which each needs a task of its own."""
    with ExitStack() as stack:
        rps = [stack.enter_context(receiver(InTurn(Answers(503), Answers(200)))) for _ in range(5)]
        yield [application_at(rp.url, f"rp-{number}") for number, rp in enumerate(rps)]


@pytest.fixture
def celery_at(settings):
    settings.TASKS = CeleryQueue.TASKS
    return lambda port: CeleryQueue(f"redis://:broker-password@127.0.0.1:{port}/0").reached()


def seconds_of_logout(user, applications):
    session = session_of(user, *applications)
    began = time.monotonic()
    sessions.end(session, EndReason.LOGOUT, tell=tasks.tell_now)
    return time.monotonic() - began


def test_broker_that_is_down_holds_up_no_logout(alice, failing, celery_at, caplog):
    caplog.set_level("DEBUG")
    with celery_at(free_port()):
        assert seconds_of_logout(alice, failing) < QUICK
        tasks.enqueuing().finish()
    assert caplog.text.count("Logout notices not enqueued error=OperationalError") == 1
    assert "broker-password" not in caplog.text
    LogoutNotice.objects.update(next_attempt_at=timezone.now())  # As when the time has come.
    assert command_sends() == "Applications told: 5, not told yet: 0"


def test_broker_that_hangs_holds_up_no_logout(alice, failing, celery_at, caplog):
    with receiver(hangs) as mute, celery_at(mute.port):
        assert seconds_of_logout(alice, failing) < QUICK
    tasks.enqueuing().finish()
    assert "Logout notices not enqueued error=OperationalError" in caplog.text
