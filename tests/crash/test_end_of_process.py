"""A process that ends in order while it tells applications: it ends what it has begun, and begins no more."""

import pytest
from django.utils import timezone

from oidc_session.models import LogoutNotice, OPSession
from tests.crash.conftest import PROVIDER
from tests.crowd import Crowd, crowd_of
from tests.notices import session_of
from tests.processes import Process, environment
from tests.receivers import receiver

pytestmark = pytest.mark.django_db(transaction=True)

State = LogoutNotice.State
SESSIONS = 40


def takes_its_time(number, before, peer):
    peer.wait(0.1)
    return 200


def test_command_that_ends_sessions_leaves_no_lease_behind(alice, tmp_path):
    crowd = Crowd(takes_its_time)
    run = environment(tmp_path, **(PROVIDER | {"OIDC_BACKCHANNEL_LOGOUT_TIMEOUT": 30}))
    command = Process(["django", "end_expired_sessions"], run, tmp_path / "log")
    with receiver(crowd) as rp:
        (application,) = crowd_of(1, rp.origin)
        for _ in range(SESSIONS):
            session_of(alice, application)
        OPSession.objects.update(expires_at=timezone.now())
        command.start()
        assert command.wait() == 0
    assert "Traceback" not in command.log.read_text()
    found = set(LogoutNotice.objects.values_list("state", "attempts", "lease"))
    assert found <= {(State.DELIVERED, 1, None), (State.PENDING, 0, None)}
    assert LogoutNotice.objects.filter(state=State.DELIVERED).count() == len(crowd.told)
