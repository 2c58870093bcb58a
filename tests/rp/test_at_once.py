"""Twenty requests at one moment in four processes, with an access token whose time is over."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from tests.rp.sites import Site, sign_in

PROCESSES = 4
REQUESTS = 20
ROUNDS = int(os.environ.get("REFRESH_ROUNDS", "3"))


@pytest.fixture
def processes(op, tmp_path):
    with ExitStack() as stack:
        site = Site(op, tmp_path, refresh_ahead=0)
        site.manage("migrate")
        site.manage("flush", "--no-input")
        yield [stack.enter_context(site.process()) for _ in range(PROCESSES)]


def refreshes(op):
    return [request for request in op.asked("/token") if request.form["grant_type"] == "refresh_token"]


def ask_all(browser, processes):
    """Ask for a page at one moment, from as many processes as there are."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}

    def ask(number):
        return requests.get(f"{processes[number % PROCESSES]}/members/", headers=headers, allow_redirects=False)

    with ThreadPoolExecutor(REQUESTS) as pool:
        return [(response.status_code, response.text) for response in pool.map(ask, range(REQUESTS))]


def wait_until_late(browser, address):
    """Wait until the access token's time is over: the provider gave it a second."""
    ends = browser.get(f"{address}/oidc/status/").json()["demo"]["expires_at"] + 1
    while time.time() < ends:
        time.sleep(0.02)


def sign_in_for_a_second(op, address):
    """Sign in with an access token whose time is over when this returns; the next one lasts."""
    op.expires_in = 1
    browser = sign_in(op, address)
    wait_until_late(browser, address)
    op.expires_in = 300
    return browser


@pytest.mark.timeout(60 * ROUNDS)
def test_one_refresh_and_twenty_good_answers(processes, op):
    for _ in range(ROUNDS):
        browser = sign_in_for_a_second(op, processes[0])
        before = len(refreshes(op))
        assert ask_all(browser, processes) == [(200, "alice-sub")] * REQUESTS
        assert len(refreshes(op)) - before == 1


def test_slow_token_endpoint_breaks_nothing(processes, op):
    browser = sign_in_for_a_second(op, processes[0])

    def slowly(request):
        time.sleep(8)
        return op.usual_answer(request)

    op.answers["/token"] = slowly
    assert ask_all(browser, processes) == [(200, "alice-sub")] * REQUESTS
    assert len(refreshes(op)) == 1
