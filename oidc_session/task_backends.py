"""The project's Django Tasks: Django's own, or on Django 5.2 those of the backport."""

from importlib import import_module
from typing import Any

from oidc_session.conf import conf

try:
    from django import tasks
except ImportError:  # Django 5.2
    import django_tasks as tasks  # type: ignore[no-redef]

task, task_backends = tasks.task, tasks.task_backends
TaskException: type[Exception] = import_module(f"{tasks.__name__}.exceptions").TaskException

IMMEDIATE = ("django.tasks.backends.immediate", "django_tasks.backends.immediate")
DUMMY = ("django.tasks.backends.dummy", "django_tasks.backends.dummy")


def configured_backend() -> Any:
    """Return the backend that is to send notices; raises ImproperlyConfigured where there is none of that name."""
    return task_backends[conf.BACKCHANNEL_LOGOUT_TASK_BACKEND]


def names() -> list[str]:
    return sorted(task_backends.settings)


def is_one_of(modules: tuple[str, ...], backend: object) -> bool:
    """Whether a backend is of a class from these modules, or derived from one."""
    return any(ancestor.__module__ in modules for ancestor in type(backend).__mro__)
