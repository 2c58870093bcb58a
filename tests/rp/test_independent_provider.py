"""The relying party signs people in at a provider that nobody here has written: oidc-provider, in real processes."""

import re
from functools import partial

import pytest

from tests.processes import wait_until
from tests.rp.independent_browser import IndependentBrowser
from tests.rp.independent_clients import WAYS, all_registered, all_settings
from tests.rp.independent_provider import IndependentProvider
from tests.rp.sites import Site


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    provider = IndependentProvider(tmp_path_factory.mktemp("provider") / "log")
    yield provider
    provider.close()
    assert provider.troubles == []


@pytest.fixture(scope="module")
def addresses(provider, tmp_path_factory):
    """The relying party's addresses, known to the provider; at the second, a person is away after a second."""
    directory, providers = tmp_path_factory.mktemp("rp"), all_settings(provider.url)
    site = Site(provider, directory, providers=providers)
    site.manage("migrate")
    site.manage("flush", "--no-input")
    impatient_site = Site(provider, directory, providers=providers, idle_lifetime=1)
    with site.process() as address, impatient_site.process() as impatient_address:
        provider.clients = all_registered(address, impatient_address)
        provider.start()
        yield address, impatient_address


@pytest.fixture
def address(addresses):
    return addresses[0]


@pytest.fixture
def impatient_address(addresses):
    return addresses[1]


@pytest.fixture
def new_browser(address, provider):
    """Return what opens another browser: new_browser("demo")."""
    return partial(IndependentBrowser, address, provider.url)


@pytest.fixture
def browser(new_browser):
    return new_browser()


@pytest.mark.parametrize("name", WAYS)
def test_session_begins_and_goes_on_and_ends_at_the_provider(new_browser, name):
    browser = new_browser(name)
    assert browser.sign_in("alice").text == "home"
    status = browser.status()
    assert (status["state"], status["sub"], status["groups"]) == ("active", "alice", ["staff", "friends of alice 1"])
    assert browser.refresh().json() == browser.status()
    browser.sign_out_at_provider()
    assert browser.state() == "anonymous"


def test_person_comes_back_to_the_page_they_wanted(browser, address):
    page = browser.agree(browser.get(f"{address}/members/?a=1"), "alice")
    assert (page.url, page.text) == (f"{address}/members/?a=1", "alice")


def test_person_is_asked_who_they_are_once_for_two_clients(browser):
    asked = browser.begin()
    assert browser.is_asked_who_it_is(asked)
    browser.agree(asked, "alice")
    browser.name = "es256"
    asked = browser.begin()
    assert not browser.is_asked_who_it_is(asked)
    browser.agree(asked, "somebody else")
    assert browser.status()["sub"] == "alice"


def test_person_who_was_away_says_again_who_they_are(browser, address, impatient_address):
    """And the provider says that they did, and asks for the consent without which there is no refresh token."""
    browser.sign_in("alice")
    browser.site = impatient_address
    wait_until(lambda: browser.state() == "expired")
    asked = browser.begin()
    assert browser.is_asked_who_it_is(asked)
    browser.agree(asked, "alice")
    browser.site = address
    assert browser.state() == "active"
    assert browser.refresh().status_code == 200


def test_each_refresh_token_is_used_once(browser):
    """A provider that rotates them ends the grant if one comes twice."""
    browser.sign_in("alice")
    assert [browser.refresh().status_code for _ in range(3)] == [200] * 3


def test_silent_login_goes_on_with_the_session(browser):
    browser.sign_in("alice")
    assert browser.silent_login() == "signed_in"
    assert browser.state() == "active"
    assert [browser.refresh().status_code for _ in range(2)] == [200] * 2


@pytest.mark.parametrize(
    ("name", "person", "method"),
    [("demo", "alice", "GET"), ("groups-in-id-token", "popular", "POST"), ("short-hint", "popular", "GET")],
)
def test_logout_here_is_one_at_the_provider(new_browser, address, name, person, method):
    """The ID token of a person in 200 groups is too long for an address."""
    browser = new_browser(name)
    browser.sign_in(person)
    asked = browser.sign_out()
    assert browser.state() == "anonymous"
    asked = asked if browser.is_at_provider(asked) else browser.submit(asked)
    assert asked.request.method == method
    assert browser.submit(asked, logout="yes").url == f"{address}/"
    assert browser.silent_login() == "signed_out"
    assert browser.is_asked_who_it_is(browser.begin())


def test_who_stays_at_the_provider_is_signed_out_here(browser, address):
    browser.sign_in("alice")
    assert browser.submit(browser.sign_out()).url == f"{address}/"
    assert browser.state() == "anonymous"
    assert not browser.is_asked_who_it_is(browser.begin())


@pytest.mark.parametrize(("name", "left"), [("demo", "active"), ("without-sid", "anonymous")])
def test_logout_token_ends_what_it_names(new_browser, name, left):
    """A session by its sid, or else all those of a person."""
    browser, other = new_browser(name), new_browser(name)
    browser.sign_in("alice")
    other.sign_in("alice")
    browser.sign_out_at_provider()
    assert (browser.state(), other.state()) == ("anonymous", left)


def test_logout_of_somebody_else_ends_nothing(new_browser):
    browser, bob_s = new_browser("without-sid"), new_browser("without-sid")
    browser.sign_in("alice")
    bob_s.sign_in("bob")
    bob_s.sign_out_at_provider()
    assert (browser.state(), bob_s.state()) == ("active", "anonymous")


def test_person_who_cancels_is_told_so_and_may_begin_again(browser):
    asked = browser.begin()
    refused = browser.get(re.search(r'href="([^"]+)">\[ Cancel', asked.text)[1])
    assert (refused.status_code, "access_denied" in refused.text) == (400, True)
    assert browser.state() == "anonymous"
    browser.sign_in("alice")
    assert browser.state() == "active"


def test_wrong_secret_signs_nobody_in(new_browser):
    browser = new_browser("wrong-secret")
    assert browser.sign_in("alice").status_code == 400
    assert browser.state() == "anonymous"


def test_provider_with_new_keys_and_no_memory_signs_in_again(browser, provider):
    browser.sign_in("alice")
    provider.stop()
    provider.start()
    refreshed = browser.refresh()
    assert (refreshed.status_code, refreshed.json()) == (401, {"error": "session_expired"})
    browser.sign_in("alice")
    assert browser.state() == "active"
