"""The pages of a person by keyboard alone, clicked twice, and by the back button."""

import pytest
from playwright.sync_api import expect

from tests.browser.administrator import OtherBrowser, change
from tests.browser.sign_in import sign_in
from tests.browser.visitor import PASSWORD

HAS_VISIBLE_FOCUS = """() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
}"""
MOST_STOPS = 60
MANY_MORE = """
    INSERT INTO oidc_session_opsession (user_id, auth_time, started_at, last_activity, expires_at, end_reason,
        session_key, session_key_hash, user_agent, address)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 21)
    SELECT user_id, auth_time, started_at, last_activity, expires_at, '', '', '', user_agent, address
    FROM oidc_session_opsession, numbers WHERE ended_at IS NULL
"""


@pytest.fixture
def visitor(first_visitor):
    sign_in(first_visitor, "alice", first_visitor.site.rp)
    return first_visitor


def press(page, role, name):
    """Go to a button or a link by the tabulator key, and press it."""
    goal = page.get_by_role(role, name=name, exact=True)
    expect(goal).to_be_visible()
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if goal.evaluate("goal => goal === document.activeElement"):
            break
    assert page.evaluate(HAS_VISIBLE_FOCUS), name
    page.keyboard.press("Enter")


def heading(page, text):
    return expect(page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()


def sign_in_again(page):
    page.get_by_label("Username").press_sequentially("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_person_signs_out_by_keyboard_alone(visitor):
    elsewhere = OtherBrowser(visitor.site, "alice")
    page = visitor.open(f"{visitor.site.op}/sessions/")
    press(page, "button", "Sign out of that browser")
    expect(page.get_by_role("status")).to_have_text("You are signed out of that browser.")
    assert not elsewhere.is_signed_in

    change(visitor.site, MANY_MORE)
    page.goto(f"{visitor.site.op}/sessions/")
    press(page, "link", "Next")
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    press(page, "link", "Previous")
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()

    change(visitor.site, "UPDATE oidc_session_opsession SET auth_time = '2020-01-01 00:00:00'")
    press(page, "button", "Sign out everywhere else")
    sign_in_again(page)
    heading(page, "Sign out everywhere else?")
    press(page, "link", "Cancel")
    heading(page, "Where you are signed in")
    change(visitor.site, "UPDATE oidc_session_opsession SET auth_time = '2020-01-01 00:00:00'")
    page.goto(f"{visitor.site.op}/sessions/everywhere/end/")
    press(page, "button", "Sign in again")
    sign_in_again(page)
    heading(page, "Sign out everywhere?")
    press(page, "button", "Sign out everywhere")
    heading(page, "You are signed out")
    press(page, "link", "Go to the start page")
    heading(page, "Nobody is signed in")


def test_question_of_a_logout_is_answered_by_keyboard_alone(visitor):
    site = visitor.site
    asks = f"{site.op}/o/logout/?client_id=sample-rp&post_logout_redirect_uri={site.rp}/"
    page = visitor.open(asks)
    press(page, "button", "Stay signed in")
    heading(page, "You are still signed in.")
    page.go_back()
    press(page, "button", "Only Sample application")
    heading(page, "You are not signed in")
    page.goto(asks)
    press(page, "button", "All my devices")
    heading(page, "You are not signed in")
    page.goto(f"{site.op}/")
    heading(page, "Nobody is signed in")


def test_clicks_twice_and_the_back_button_lead_to_no_error(visitor):
    site, page = visitor.site, visitor.context.new_page()
    OtherBrowser(site, "alice")
    page.goto(f"{site.op}/sessions/")
    page.get_by_role("button", name="Sign out everywhere else").dblclick()
    expect(page.get_by_role("status")).to_have_text("You are signed out of 1 other browser.")
    page.go_back()
    heading(page, "Where you are signed in")
    page.get_by_role("button", name="Sign out of this browser").dblclick()
    heading(page, "You are signed out")
    expect(page.get_by_text("signed you out")).to_be_visible()
    page.go_back()
    heading(page, "Sign in")

    visitor.fill_in(page, "alice")
    page.goto(f"{site.op}/o/logout/?client_id=sample-rp")
    page.get_by_role("button", name="This browser").dblclick()
    heading(page, "Nobody is signed in")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
