"""The page of a person's sessions, button by button, with two browsers and the sample applications."""

import sqlite3
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.conftest import sign_in_at_both_applications
from tests.browser.sign_in import sign_in

SIGNED_OUT_AT_SERVER = """
async () => (await (await fetch("/oidc/status/")).json()).demo.state === "anonymous"
"""


@pytest.fixture(params=["blocked"])
def visitor(request, new_visitor):
    """A browser in which both applications are signed in; its frames know nothing, so that servers must tell."""
    visitor = new_visitor(request.param)
    sign_in_at_both_applications(visitor, "alice")
    yield visitor
    assert visitor.trouble == []


@pytest.fixture
def elsewhere(visitor, new_visitor):
    """Another browser of the same person."""
    other = new_visitor("blocked")
    sign_in(other, "alice", other.site.rp)
    return other


@pytest.fixture
def page(visitor, elsewhere):
    return sessions_page(visitor)


def sessions_page(visitor):
    page = visitor.open(f"{visitor.site.op}/")
    page.get_by_role("link", name="Your sessions").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    page.wait_for_load_state()  # With its style sheet.
    return page


def this_browser(page):
    return page.get_by_role("listitem").filter(has=page.get_by_text("This browser", exact=True))


def other_browsers(page):
    return page.get_by_role("button", name="Sign out of that browser")


def expect_signed_out(visitor, url):
    page = visitor.open(f"{url}/oidc/status/")
    page.wait_for_function(SIGNED_OUT_AT_SERVER)
    page.close()


def is_signed_in(visitor, url):
    page = visitor.open(f"{url}/oidc/status/")
    state = page.evaluate("JSON.parse(document.body.innerText).demo.state")
    page.close()
    return state == "active"


def make_logins_old(site):
    with closing(sqlite3.connect(site.op_database, timeout=20)) as database, database:
        database.execute("UPDATE oidc_session_opsession SET auth_time = '2020-01-01 00:00:00'")


@pytest.fixture(autouse=True)
def nobody_else_was_ever_signed_in(cross_site_servers):
    with closing(sqlite3.connect(cross_site_servers.op_database, timeout=20)) as database, database:
        for table in ("rpsession", "opsession"):
            database.execute(f"UPDATE oidc_session_{table} SET ended_at = '2020-01-01'")


def test_application_is_signed_out_alone(visitor, page):
    expect(this_browser(page).get_by_role("button")).to_have_count(3)
    this_browser(page).get_by_role("button", name="Sign out of Second application").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out of Second application.")
    expect(this_browser(page)).to_contain_text("Second application signed you out")
    expect_signed_out(visitor, visitor.site.second_rp)
    assert is_signed_in(visitor, visitor.site.rp)


def test_other_browser_is_signed_out(visitor, elsewhere, page):
    other_browsers(page).click()
    expect(page.get_by_role("status")).to_have_text("You are signed out of that browser.")
    expect(other_browsers(page)).to_have_count(0)
    expect(page.get_by_text("You ended it on this page.")).to_be_visible()
    expect_signed_out(elsewhere, elsewhere.site.rp)
    assert is_signed_in(visitor, visitor.site.rp)


def test_this_browser_is_signed_out(visitor, elsewhere, page):
    page.get_by_role("button", name="Sign out of this browser").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect_signed_out(visitor, visitor.site.rp)
    expect_signed_out(visitor, visitor.site.second_rp)
    assert is_signed_in(elsewhere, elsewhere.site.rp)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_everywhere_else_is_signed_out(visitor, elsewhere, page):
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out of 1 other browser.")
    expect_signed_out(elsewhere, elsewhere.site.rp)
    assert is_signed_in(visitor, visitor.site.rp)


def test_everywhere_is_signed_out_after_a_new_login_and_a_question(visitor, elsewhere, page):
    make_logins_old(visitor.site)
    page.get_by_role("button", name="Sign out everywhere", exact=True).click()
    visitor.fill_in(page, "alice")
    expect(page.get_by_role("heading", name="Sign out everywhere?")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    for browser, url in ((visitor, visitor.site.rp), (visitor, visitor.site.second_rp), (elsewhere, elsewhere.site.rp)):
        expect_signed_out(browser, url)


def test_button_in_a_tab_left_open_says_the_same(visitor, elsewhere, page):
    late = sessions_page(visitor)
    for tab in (page, late):
        other_browsers(tab).click()
        expect(tab.get_by_role("status")).to_have_text("You are signed out of that browser.")


def test_button_is_reached_and_pressed_by_keyboard(visitor, page):
    button = this_browser(page).get_by_role("button", name="Sign out of Second application")
    while not button.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are signed out of Second application.")


def test_it_works_without_javascript(new_visitor):
    visitor = new_visitor("same_site", javascript=False)
    visitor.sign_in_at_provider("alice")
    page = sessions_page(visitor)
    page.get_by_role("button", name="Sign out of this browser").click()
    expect(page.get_by_role("heading", name="Nobody is signed in")).to_be_visible()


def test_it_is_accessible(visitor, page):
    assert violations(page) == []
    other_browsers(page).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 1200])
def test_nothing_sticks_out(visitor, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert urlsplit(page.url).path == "/sessions/"
