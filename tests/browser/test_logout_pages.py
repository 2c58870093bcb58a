"""The question of a logout, answer by answer, and the page after it, which keeps itself up to date."""

import sqlite3
import threading
from contextlib import closing, contextmanager, suppress

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in_at_both_applications
from tests.browser.sign_in import sign_in
from tests.browser.test_sessions_page import expect_signed_out, is_signed_in

SAMPLE = "Sample application"


@pytest.fixture
def visitor(new_visitor):
    visitor = signed_in_at_both(new_visitor("same_site"))
    yield visitor
    assert visitor.trouble == []


@pytest.fixture
def elsewhere(new_visitor):
    other = new_visitor("same_site")
    sign_in(other, "alice", other.site.rp)
    return other


def signed_in_at_both(visitor):
    sign_in_at_both_applications(visitor, "alice")
    return visitor


def question(visitor, back=True):
    """Return the page that asks: this request has no hint."""
    site = visitor.site
    uri = f"&post_logout_redirect_uri={site.rp}/&state=a%20state" if back else ""
    page = visitor.open(f"{site.op}/o/logout/?client_id=sample-rp{uri}")
    expect(page.get_by_role("heading", name="What do you want to sign out of?")).to_be_visible()
    return page


def choose(page, name):
    page.get_by_role("button", name=name).click()


def expect_back(visitor, page):
    expect(page).to_have_url(f"{visitor.site.rp}/?state=a%20state")


def test_only_this_application(visitor):
    page = question(visitor)
    choose(page, f"Only {SAMPLE}")
    expect_back(visitor, page)
    expect_signed_out(visitor, visitor.site.rp)
    assert is_signed_in(visitor, visitor.site.second_rp)
    home = visitor.open(f"{visitor.site.op}/")
    expect(home.locator("[data-signed-in]")).to_have_text("alice")


def test_this_browser(visitor, elsewhere):
    page = question(visitor)
    choose(page, "This browser")
    expect_back(visitor, page)
    expect_signed_out(visitor, visitor.site.second_rp)
    assert is_signed_in(elsewhere, elsewhere.site.rp)


def test_return_key_means_this_browser(visitor, elsewhere):
    page = question(visitor)
    page.keyboard.press("Tab")
    while not page.evaluate("!!document.activeElement.closest('#authorizationForm')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_back(visitor, page)
    expect_signed_out(visitor, visitor.site.second_rp)
    assert is_signed_in(elsewhere, elsewhere.site.rp)


def test_all_my_devices(visitor, elsewhere):
    page = question(visitor)
    choose(page, "All my devices")
    expect_back(visitor, page)
    for browser, url in ((visitor, visitor.site.second_rp), (elsewhere, elsewhere.site.rp)):
        expect_signed_out(browser, url)


def test_stay(visitor):
    page = question(visitor)
    choose(page, "Stay signed in")
    expect(page.get_by_role("heading", name="You are still signed in.")).to_be_visible()
    assert violations(page) == []
    assert is_signed_in(visitor, visitor.site.rp)


def test_question_is_accessible_and_nothing_sticks_out(visitor):
    page = question(visitor)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@contextmanager
def told_late(site):
    """Have the second application, told by its server alone, answer only when the event that this returns is set."""
    let = threading.Event()

    def answers_late(handler):
        handler.rfile.read(int(handler.headers["Content-Length"]))
        let.wait(60)
        with suppress(ConnectionError):  # The provider has given this attempt up, and makes another.
            handler.answer("signed out")

    before = replace_logout_uris(site, f"{site.pages_origin}{site.pages.add(answers_late)}", "")
    try:
        yield let
    finally:
        let.set()
        replace_logout_uris(site, *before)


def replace_logout_uris(site, *uris):
    ours = "application_id = (SELECT id FROM oauth2_provider_application WHERE client_id = 'second-rp')"
    with closing(sqlite3.connect(site.op_database, timeout=20)) as database, database:
        table, names = "oidc_session_clientlogoutsettings", ("backchannel_logout_uri", "frontchannel_logout_uri")
        before = database.execute(f"SELECT {', '.join(names)} FROM {table} WHERE {ours}").fetchone()
        database.execute(f"UPDATE {table} SET {names[0]} = ?, {names[1]} = ? WHERE {ours}", uris)
    return before


@pytest.mark.parametrize("javascript", [True, False])
def test_page_after_a_logout_says_when_an_application_has_been_told(new_visitor, javascript):
    visitor = signed_in_at_both(new_visitor("same_site", javascript=javascript))
    with told_late(visitor.site) as let:
        page = question(visitor, back=False)
        choose(page, "This browser")
        second = page.get_by_role("listitem").filter(has_text="Second application")
        expect(second).to_contain_text("is still being told")
        if javascript:
            assert violations(page) == []
        let.set()
        expect(second).to_contain_text("signed you out", timeout=60_000)
    if javascript:
        assert violations(page) == []
    assert visitor.trouble == []
