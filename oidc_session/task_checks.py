"""The system checks of the project's Django Tasks, as far as they send our notices."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from oidc_session import task_backends
from oidc_session.conf import conf


def unknown_backend() -> Iterator[CheckMessage]:
    try:
        task_backends.configured_backend()
    except ImproperlyConfigured as error:
        yield Error(
            f"OIDC_BACKCHANNEL_LOGOUT_TASK_BACKEND must name an entry of TASKS, with a backend that works: {error}",
            hint=(
                f"TASKS has {', '.join(task_backends.names())}. Write in OAUTH2_PROVIDER:"
                ' "OIDC_BACKCHANNEL_LOGOUT_TASK_BACKEND": "…", with one of them, or add an entry to TASKS.'
            ),
            id="oidc_session.E016",
        )


def unknown_queue() -> Iterator[CheckMessage]:
    try:
        queues = task_backends.configured_backend().queues
    except ImproperlyConfigured:  # E016 tells.
        return
    name = conf.BACKCHANNEL_LOGOUT_TASK_QUEUE
    if queues and name not in queues:
        yield Error(
            f"OIDC_BACKCHANNEL_LOGOUT_TASK_QUEUE must be one of the QUEUES of its entry in TASKS, and {name!r} is not.",
            hint=(
                f"They are {', '.join(sorted(queues))}. Write in OAUTH2_PROVIDER:"
                f' "OIDC_BACKCHANNEL_LOGOUT_TASK_QUEUE": "…", with one of them, or add {name!r} to them.'
            ),
            id="oidc_session.E017",
        )


def backend_that_runs_nothing() -> Iterator[CheckMessage]:
    try:
        runs_nothing = task_backends.is_one_of(task_backends.DUMMY, task_backends.configured_backend())
    except ImproperlyConfigured:  # E016 tells.
        return
    if runs_nothing:
        yield Warning(
            f"TASKS[{conf.BACKCHANNEL_LOGOUT_TASK_BACKEND!r}] must not be the DummyBackend, which runs no task.",
            hint=(
                "Applications would be told by manage.py send_logout_notices alone. Take a backend with workers, or"
                " Django's ImmediateBackend: with that, threads of the web process send."
            ),
            id="oidc_session.W012",
        )


RULES = (unknown_backend, unknown_queue)
DEPLOY_RULES = (backend_that_runs_nothing,)
