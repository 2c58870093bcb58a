"""A provider that hands logout notices to a task queue, from which nobody takes them: the ending alone is measured."""

from tests.settings import *  # noqa: F403
from tests.settings import OAUTH2_PROVIDER

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
OAUTH2_PROVIDER |= {"OIDC_BACKCHANNEL_LOGOUT_ENABLED": True}
