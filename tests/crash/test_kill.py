"""kill -9 at any moment of a logout: what was committed is told to all, and before that nobody is told."""

import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwt import JWTClaimsRegistry

from oidc_session.logout_token import EVENT
from oidc_session.models import LogoutNotice, OPSession
from tests.crash.conftest import PROVIDER
from tests.crowd import ISSUER, Crowd, crowd_of, sign_in
from tests.processes import log_out, wait_until
from tests.receivers import receiver
from tests.test_logout_token import published_keys

State = LogoutNotice.State
APPLICATIONS = 50
MOMENTS = 20
LONGEST = 1.2 * PROVIDER["OIDC_BACKCHANNEL_LOGOUT_WAIT"]  # One application hangs: a logout takes all of the wait.
VICTIMS = ["web", "web worker", "web", "worker"]


def behave(number, before, peer):
    """One hangs at first, every fifth fails at first, every other fifth takes its time."""
    if number == 0 and not before:
        peer.wait()
    if number % 5 == 1:
        peer.wait(0.2)
    return 503 if number % 5 == 2 and not before else 200


@pytest.fixture
def crowd(transactional_db):
    crowd = Crowd(behave)
    with receiver(crowd) as rp:
        crowd.applications = crowd_of(APPLICATIONS, rp.origin)
        yield crowd


@pytest.fixture
def sids(running, client, alice, crowd):
    """Sign alice in; return the `sid` of each application in her session."""
    return sign_in(client, alice, crowd.applications)


@pytest.fixture(params=range(MOMENTS))
def number(request):
    return request.param


@pytest.fixture
def moment(number, request):
    """After how many seconds to kill: more often at the beginning, where the end of the session is committed."""
    seed = request.config.getoption("randomly_seed", 0)
    moment = LONGEST * (Random(f"{seed} {number}").uniform(number, number + 1) / MOMENTS) ** 2
    print(f"--randomly-seed={seed}: killed after {moment:.3f} seconds")
    return moment


def test_nothing_is_lost_and_nothing_is_told_twice(running, client, alice, crowd, sids, number, moment):
    with ThreadPoolExecutor(1) as pool:
        logout = pool.submit(log_out, running.address, client)
        time.sleep(moment)
        for victim in VICTIMS[number % len(VICTIMS)].split():
            getattr(running, victim).kill()
        told = list(crowd.told)
        is_live = OPSession.objects.live().exists()
        print(f"at that moment: applications told {len(told)}, session live {is_live}")
        assert not (told and is_live)
        running.start()
        if logout.result() is None:
            assert log_out(running.address, client) == 302
    assert not OPSession.objects.live().exists()
    wait_until(lambda: not LogoutNotice.objects.filter(state=State.PENDING).exists())
    assert set(LogoutNotice.objects.values_list("state", "lease")) == {(State.DELIVERED, None)}
    tokens_are_valid(crowd.told, sids, str(alice.pk))


def tokens_are_valid(told, sids, sub):
    """Each application has at least one token, and each token is one of its own."""
    keys = published_keys(Client())
    tokens = [(each.client_id, jwt.decode(each.token, keys, algorithms=["RS256"])) for each in told]
    for client_id, token in tokens:
        expected = {"iss": ISSUER, "aud": client_id, "sub": sub, "sid": sids[client_id], "events": {EVENT: {}}}
        claims = {name: {"essential": True, "value": value} for name, value in expected.items()}
        JWTClaimsRegistry(**claims, exp={"essential": True}, iat={"essential": True}).validate(token.claims)
        assert token.header["typ"] == "logout+jwt"
    assert {client_id for client_id, _ in tokens} == set(sids)
    assert len({token.claims["jti"] for _, token in tokens}) == len(tokens)
