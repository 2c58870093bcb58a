import pytest

from oidc_session import tasks
from oidc_session.enqueuing import Enqueuing
from tests.queues.queues import CeleryQueue, DatabaseQueue
from tools.redis import redis


@pytest.fixture(autouse=True)
def own_enqueuing(provider, monkeypatch):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"],
    )
    own = Enqueuing()
    monkeypatch.setattr(tasks, "enqueuing", lambda: own)
    yield own
    own.finish()


@pytest.fixture(scope="session")
def broker():
    with redis() as url:
        yield url


@pytest.fixture(params=["database", "celery"])
def queue(request, settings):
    if request.param == "database":
        settings.TASKS = DatabaseQueue.TASKS
        yield DatabaseQueue()
    else:
        settings.TASKS = CeleryQueue.TASKS
        with CeleryQueue(request.getfixturevalue("broker")).reached() as queue:
            yield queue
