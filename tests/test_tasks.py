"""What a logout leaves to the project's Django Tasks, by backends that have no workers."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import django
import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from oidc_session import delivery, outbox, sessions, tasks
from oidc_session.background import Background
from oidc_session.enqueuing import Enqueuing
from oidc_session.models import EndReason, LogoutNotice
from tests.notices import application_at, notice_of, session_of
from tests.receivers import Answers, receiver

pytestmark = pytest.mark.django_db(transaction=True)

State = LogoutNotice.State
ROOT = Path(__file__).parents[1]
API = "django.tasks" if django.VERSION >= (6,) else "django_tasks"
task_enqueued = import_string(f"{API}.signals.task_enqueued")
DUMMY = {"default": {"BACKEND": f"{API}.backends.dummy.DummyBackend"}}


@pytest.fixture(autouse=True)
def threads(provider, monkeypatch):
    """Let applications be on 127.0.0.1, and return this test's own threads."""
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"],
    )
    own_background, own_enqueuing = Background(), Enqueuing()
    monkeypatch.setattr(tasks, "background", lambda: own_background)
    monkeypatch.setattr(tasks, "enqueuing", lambda: own_enqueuing)
    yield own_background, own_enqueuing
    for working in (own_background, own_enqueuing):
        while thread := working.thread:
            thread.join()


@pytest.fixture
def rp():
    with receiver(Answers(200)) as listening:
        yield listening


@pytest.fixture
def failing():
    with receiver(Answers(503, {"Retry-After": "60"})) as listening:
        yield listening


@pytest.fixture
def dummy(settings):
    """Return a function that gives what is enqueued by now: arguments, and when the task is to run."""
    settings.TASKS = DUMMY
    tasks_of_the_project = []

    def keep(task_result, **kwargs):
        tasks_of_the_project.append((list(task_result.args), task_result.kwargs, task_result.task.run_after))

    def enqueued():
        tasks.enqueuing().finish()
        return tasks_of_the_project

    task_enqueued.connect(keep)
    yield enqueued
    task_enqueued.disconnect(keep)


# At once


def test_task_sends_its_notices(alice, rp):
    application = application_at(rp.url)
    session = session_of(alice, application)
    sessions.end(session, EndReason.ADMIN, tell=lambda keys: None)
    for _ in range(2):
        tasks.send_logout_notices.enqueue([str(notice_of(application).pk)])
    assert (notice_of(application).state, len(rp.requests)) == (State.DELIVERED, 1)


def test_immediate_backend_sends_in_a_thread_and_leaves_the_next_attempt_to_the_command(alice, failing, threads):
    application = application_at(failing.url)
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    threads[0].thread.join()
    assert (notice_of(application).state, notice_of(application).attempts) == (State.PENDING, 1)
    assert not threads[1].waiting


# Later


def test_task_has_the_keys_of_notices_and_nothing_else(alice, rp, dummy, threads):
    applications = [application_at(rp.url, f"rp-{number}") for number in range(3)]
    sessions.end(session_of(alice, *applications), EndReason.ADMIN)
    [([keys], kwargs, run_after)] = dummy()
    assert set(keys) == {str(notice_of(application).pk) for application in applications}
    assert (kwargs, run_after) == ({}, None)
    assert (rp.requests, threads[0].thread) == ([], None)


def test_what_is_rolled_back_is_not_enqueued(alice, rp, dummy):
    session = session_of(alice, application_at(rp.url))
    with transaction.atomic(using=outbox.database()):
        sessions.end(session, EndReason.ADMIN)
        transaction.set_rollback(True, using=outbox.database())
    assert dummy() == []


def test_logout_sends_itself_and_leaves_the_next_attempt_to_a_task(alice, rp, failing, dummy):
    told, postponed = application_at(rp.url, "told"), application_at(failing.url, "postponed")
    sessions.end(session_of(alice, told, postponed), EndReason.LOGOUT, tell=tasks.tell_now)
    assert notice_of(told).state == State.DELIVERED
    notice = notice_of(postponed)
    assert notice.next_attempt_at > timezone.now() + timedelta(seconds=50)
    [(arguments, kwargs, run_after)] = dummy()
    assert (arguments, kwargs) == ([[str(notice.pk)]], {})
    assert notice.next_attempt_at < run_after <= notice.next_attempt_at + timedelta(seconds=1)


def test_logout_leaves_to_a_task_what_it_has_no_courier_for(alice, rp, dummy, monkeypatch):
    application = application_at(rp.url)
    monkeypatch.setattr(delivery.Delivery, "candidates", lambda self, chosen: [])
    sessions.end(session_of(alice, application), EndReason.LOGOUT, tell=tasks.tell_now)
    assert dummy() == [([[str(notice_of(application).pk)]], {}, None)]


def test_task_has_enqueued_the_next_attempt_when_it_ends(alice, failing, dummy, threads, monkeypatch):
    application = application_at(failing.url)
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    hand_over = tasks._hand_over
    monkeypatch.setattr(tasks, "_hand_over", lambda *arguments: Event().wait(0.2) or hand_over(*arguments))
    tasks.send_logout_notices.call([str(notice_of(application).pk)])
    assert threads[1].thread is None
    [([[key]], _, run_after)] = dummy()
    assert (key, run_after > timezone.now()) == (str(notice_of(application).pk), True)


# Settings


def in_another_process(code, folder, **settings):
    """Return what a process prints whose OAUTH2_PROVIDER and TASKS differ from the beginning."""
    setup = "import json, os; from django.conf import settings; changes = json.loads(os.environ['CHANGES']);"
    setup += "settings.OAUTH2_PROVIDER |= changes.pop('OAUTH2_PROVIDER'); settings.TASKS = changes['TASKS'];"
    setup += "import django; django.setup();"
    changes = {"CHANGES": json.dumps(settings), "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", setup + code]
    done = subprocess.run(command, cwd=folder, env=os.environ | changes, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


TWO = {
    "default": {"BACKEND": f"{API}.backends.immediate.ImmediateBackend", "QUEUES": ["mail"]},
    "slow": {"BACKEND": f"{API}.backends.dummy.DummyBackend", "QUEUES": ["logouts"]},
}


def test_task_belongs_to_the_backend_and_queue_of_the_settings(tmp_path):
    printed = in_another_process(
        "from oidc_session.tasks import send_logout_notices as task; print(task.backend, task.queue_name)",
        tmp_path,
        TASKS=TWO,
        OAUTH2_PROVIDER={
            "OIDC_BACKCHANNEL_LOGOUT_TASK_BACKEND": "slow",
            "OIDC_BACKCHANNEL_LOGOUT_TASK_QUEUE": "logouts",
        },
    )
    assert printed == "slow logouts\n"


def test_site_without_such_a_queue_starts_and_check_says_what_to_write(tmp_path):
    printed = in_another_process(
        "from django.core.management import call_command; print('started'); call_command('check')",
        tmp_path,
        TASKS=TWO,
        OAUTH2_PROVIDER={"OIDC_BACKCHANNEL_LOGOUT_ENABLED": True},
    )
    assert printed.startswith("started\n")
    assert "(oidc_session.E017)" in printed
    assert "They are mail." in printed


@pytest.mark.parametrize("changes", [{"TASK_BACKEND": "missing"}, {"TASK_QUEUE": "missing"}])
def test_without_such_a_backend_or_queue_a_thread_sends(alice, rp, provider, threads, monkeypatch, changes):
    provider(**{f"OIDC_BACKCHANNEL_LOGOUT_{name}": value for name, value in changes.items()})
    function = tasks.as_task(tasks.send_logout_notices.func)
    monkeypatch.setattr(tasks, "send_logout_notices", function)
    application = application_at(rp.url)
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    threads[0].thread.join()
    assert notice_of(application).state == State.DELIVERED
