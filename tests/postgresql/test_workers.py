"""Two workers and a loop that find the same thousand notices."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from joserfc import jwt

from oidc_session import outbox, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.crowd import ISSUER, Crowd, crowd_of
from tests.processes import SECONDS, Process, environment, send_logout_notices, wait_until
from tests.receivers import receiver
from tests.test_logout_token import published_keys

pytestmark = pytest.mark.django_db(transaction=True)

State = LogoutNotice.State
APPLICATIONS, SESSIONS = 25, 40
TIMEOUT = 30  # No attempt fails: each is the only one.
PROVIDER = {
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.1"],
    "OIDC_BACKCHANNEL_LOGOUT_TIMEOUT": TIMEOUT,
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
}
COMMANDS = {
    "worker": send_logout_notices(),
    "another": send_logout_notices(),
    "loop": send_logout_notices("--loop", "--interval=0.1"),
}


@pytest.fixture(autouse=True)
def settings_of_workers(provider):
    provider(**PROVIDER)


@pytest.fixture
def workers(settings_of_workers, transactional_db, tmp_path):
    run = environment(tmp_path)
    workers = {name: Process(command, run, tmp_path / name) for name, command in COMMANDS.items()}
    yield workers
    for worker in workers.values():
        worker.kill()
        print(worker.log.read_text())


def owe(person, applications):
    for _ in range(SESSIONS):
        session = OPSession.objects.create(user=person, expires_at=timezone.now())
        RPSession.objects.bulk_create(
            RPSession(op_session=session, application=application, iss=ISSUER, sub="1") for application in applications
        )
        sessions.end(session, EndReason.ADMIN, tell=lambda keys: None)


def all_are_closed():
    """Ask this while the workers work: a notice that is closed is leased to none of them."""
    closed = LogoutNotice.objects.exclude(state=State.PENDING)
    assert not closed.exclude(lease=None).exists()
    return closed.count() == APPLICATIONS * SESSIONS


def numbers_told(workers):
    return [
        int(re.search(r"Applications told: (\d+), not told yet: 0", worker.log.read_text())[1]) for worker in workers
    ]


def test_each_notice_is_sent_once(alice, workers, client):
    crowd = Crowd()
    with receiver(crowd) as rp:
        owe(alice, crowd_of(APPLICATIONS, rp.origin))
        for worker in workers.values():
            worker.start()
        wait_until(all_are_closed, 2 * SECONDS)
        codes = [workers["worker"].wait(), workers["another"].wait(), workers["loop"].stop()]
    assert codes == [0, 0, 0]
    assert sum(numbers_told(workers.values())) == APPLICATIONS * SESSIONS
    assert set(LogoutNotice.objects.values_list("state", "attempts", "lease")) == {(State.DELIVERED, 1, None)}
    came = {jwt.decode(each.token, published_keys(client)).claims["sid"]: each.at for each in crowd.told}
    assert len(came) == len(crowd.told) == APPLICATIONS * SESSIONS
    for notice in LogoutNotice.objects.all():
        lease = timedelta(seconds=TIMEOUT + outbox.LEASE_MARGIN)
        assert notice.last_attempt_at <= came[notice.sid] <= notice.last_attempt_at + lease
