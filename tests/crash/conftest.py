"""The processes of a provider: a web server and a worker, both of which can be killed and started again."""

import socket
from dataclasses import dataclass

import pytest

from oidc_session import sessions
from oidc_session.models import EndReason
from tests.notices import application_at, notice_of, session_of
from tests.processes import Process, answer, environment, send_logout_notices, wait_until, web_server
from tests.receivers import Answers, receiver

PROVIDER = {
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.1"],
    "OIDC_BACKCHANNEL_LOGOUT_TIMEOUT": 0.5,
    "OIDC_BACKCHANNEL_LOGOUT_WAIT": 0.5,
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
}


@dataclass
class Provider:
    """What runs, and where it answers."""

    address: tuple[str, int]
    web: Process
    worker: Process

    def start(self):
        self.web.start()
        self.worker.start()

    def kill(self):
        self.web.kill()
        self.worker.kill()


@pytest.fixture(scope="module")
def processes(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crash")
    with django_db_blocker.unblock():
        run = environment(folder, "tests.crash.settings", **PROVIDER)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = Process(web_server(listener), run, folder / "web.log", listener)
        worker = Process(send_logout_notices("--loop", "--interval=0.05"), run, folder / "worker.log")
        processes = Provider(listener.getsockname(), web, worker)
        processes.start()
        yield processes
        processes.kill()


@pytest.fixture
def running(transactional_db, provider, alice, processes):
    """The provider, once its web server answers and its worker sends."""
    provider(**PROVIDER)
    processes.start()
    with receiver(Answers(200)) as rp:
        application = application_at(rp.url, "the worker's first")
        sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
        assert answer(processes.address, "GET", "/untouched/") == 200
        wait_until(lambda: notice_of(application).closed_at)
    application.delete()
    yield processes
    for process in (processes.web, processes.worker):
        print(process.log.name, process.log.read_text(), sep="\n")  # Shown where the test fails.
        process.log.write_text("")
