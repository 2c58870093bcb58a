from tests.process_settings import *  # noqa: F403 - settings are names of a module.
from tests.process_settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crash"]
