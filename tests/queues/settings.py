"""The settings of a worker: those of the tests, with what the test that starts it has in the environment."""

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, OAUTH2_PROVIDER

DATABASES = json.loads(os.environ["TEST_DATABASES"])
TASKS = json.loads(os.environ["TEST_TASKS"])
CELERY_BROKER_URL = os.environ.get("TEST_BROKER", "")
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 5, "socket_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
PROVIDER_APPS = [name for name in INSTALLED_APPS if not name.startswith("oidc_session.rp")]
INSTALLED_APPS = [*PROVIDER_APPS, "tests.queues"]
OAUTH2_PROVIDER = OAUTH2_PROVIDER | json.loads(os.environ["TEST_PROVIDER"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
