"""A process that is killed in the middle of a refresh: another one takes over after one call's time, not after all."""

import time

import pytest
import requests

from oidc_session.rp.lease import seconds_of_a_lease
from tests.rp.provider import Answer
from tests.rp.sites import Site
from tests.rp.test_at_once import refreshes, sign_in_for_a_second

LIMITS = {"connect_timeout": 0.5, "read_timeout": 1.0}


@pytest.fixture
def site(op, tmp_path):
    site = Site(op, tmp_path, refresh_ahead=0, **LIMITS)
    site.manage("migrate")
    site.manage("flush", "--no-input")
    return site


def test_who_comes_after_a_killed_refresh_goes_on_soon(site, op, rp):
    rp(**LIMITS)
    with site.process() as address, site.killable_process() as (doomed_address, doomed):
        browser = sign_in_for_a_second(op, address)

        def kill_who_asks(request):
            doomed.kill()
            doomed.wait()
            op.answers.clear()
            return Answer("nobody hears it")

        op.answers["/token"] = kill_who_asks
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{doomed_address}/members/", cookies=browser.cookies.get_dict())
        began = time.monotonic()
        assert browser.get(f"{address}/members/").text == "alice-sub"
        assert time.monotonic() - began < seconds_of_a_lease() + 2
    assert len(refreshes(op)) == 2
