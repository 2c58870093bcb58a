"""The settings of a command that is measured, on the database of the benchmark."""

from benchmarks.settings import TASKS  # noqa: F401
from tests.process_settings import *  # noqa: F403
