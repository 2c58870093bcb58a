import django
import pytest
from django.core.checks import run_checks

API = "django.tasks" if django.VERSION >= (6,) else "django_tasks"
TASKS = {
    "default": {"BACKEND": f"{API}.backends.immediate.ImmediateBackend", "QUEUES": ["mail"]},
    "anything": {"BACKEND": f"{API}.backends.dummy.DummyBackend", "QUEUES": []},
}


@pytest.fixture(autouse=True)
def task_settings(provider, settings):
    """Return a function that names backend and queue."""
    settings.TASKS = TASKS

    def change(backend, queue="default"):
        provider(
            OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
            OIDC_BACKCHANNEL_LOGOUT_TASK_BACKEND=backend,
            OIDC_BACKCHANNEL_LOGOUT_TASK_QUEUE=queue,
        )

    return change


def found(deploy=False):
    messages = run_checks(include_deployment_checks=deploy)
    return {message.id: message for message in messages if message.id.startswith("oidc_session.")}


def test_e016_there_is_no_such_backend(task_settings):
    task_settings("missing")
    [message] = found().values()
    assert message.id == "oidc_session.E016"
    assert "missing" in message.msg
    assert "TASKS has anything, default." in message.hint


def test_e017_there_is_no_such_queue(task_settings):
    task_settings("default")
    [message] = found().values()
    assert message.id == "oidc_session.E017"
    assert "They are mail." in message.hint


@pytest.mark.parametrize(("backend", "queue"), [("default", "mail"), ("anything", "whatever")])
def test_queue_may_be_any_of_the_backends(task_settings, backend, queue):
    task_settings(backend, queue)
    assert found() == {}


@pytest.mark.django_db
def test_w012_backend_runs_nothing(task_settings):
    task_settings("anything")
    assert "ImmediateBackend" in found(deploy=True)["oidc_session.W012"].hint
    task_settings("default", "mail")
    assert "oidc_session.W012" not in found(deploy=True)


@pytest.mark.django_db
def test_w012_leaves_a_missing_backend_to_e016(task_settings):
    task_settings("missing")
    assert "oidc_session.W012" not in found(deploy=True)
    assert "oidc_session.E016" in found()


@pytest.mark.django_db
def test_nothing_is_asked_for_with_the_channel_off(task_settings, provider):
    task_settings("missing")
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    assert found(deploy=True) == {}
