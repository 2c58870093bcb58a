"""The settings of the processes that tests start: those of the tests, on the databases of the test."""

import json
import os

from tests.settings import *  # noqa: F403 - settings are names of a module.
from tests.settings import DATABASES, INSTALLED_APPS, OAUTH2_PROVIDER

INSTALLED_APPS = [name for name in INSTALLED_APPS if not name.startswith("oidc_session.rp")]  # Providers alone.
ALLOWED_HOSTS = ["127.0.0.1"]
for alias, where in json.loads(os.environ["TEST_DATABASES"]).items():
    DATABASES[alias] |= where
OAUTH2_PROVIDER |= json.loads(os.environ["TEST_PROVIDER"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
