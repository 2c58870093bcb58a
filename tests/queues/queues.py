"""The task queues that the tests run with: each sets up this process, and starts workers."""

from contextlib import contextmanager

from celery import Celery

from tests.queues.workers import process


class DatabaseQueue:
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    def worker(self):
        return process("-m", "django", "db_worker", "--interval=0.1", "--no-startup-delay")


class CeleryQueue:
    TASKS = {"default": {"BACKEND": "django_tasks_fennel.CeleryBackend"}}

    def __init__(self, broker):
        self.broker = broker

    def worker(self):
        quick = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        command = ("-m", "celery", "-A", "tests.queues.celery_app", "worker", "-P", "solo", "-Q", "default", *quick)
        return process(*command, TEST_BROKER=self.broker)

    @contextmanager
    def reached(self):
        """Have what this process enqueues go to the broker, as by the celery.py of a project."""
        with Celery("tests", broker=self.broker) as app:
            app.set_default()
            yield self
