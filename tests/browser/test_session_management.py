"""The sample relying party notices what happens at the provider, in each world of cookies."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SEEING, sample_page_after_login, sample_page_of
from tests.browser.visitor import COOKIE, SamplePage


def test_login_is_watched_as_unchanged(visitor):
    sample = sample_page_after_login(visitor, "alice")
    sample.expect_watch("unchanged")
    sample.expect_silent_authentications(0)


def test_logout_in_another_tab_is_noticed(visitor, signed_in):
    signed_in.expect_watch("unchanged")
    visitor.sign_out_at_provider()
    expect(signed_in.signed_out).to_be_visible()
    signed_in.expect_watch("unchanged")
    signed_in.expect_silent_authentications(1)


def test_logout_is_told_to_the_other_tabs_of_the_application(visitor, signed_in):
    other = SamplePage(visitor.open(f"{visitor.site.rp}/members/"))
    other.page.get_by_role("textbox").fill("half a sentence")
    visitor.sign_out_at_provider()
    expect(other.signed_out).to_be_visible()
    expect(other.page.get_by_role("textbox")).to_have_value("half a sentence")


def test_another_person_is_a_logout_for_the_first(visitor, signed_in):
    signed_in.expect_watch("unchanged")
    visitor.sign_in_at_provider("bob")
    expect(signed_in.signed_out).to_be_visible()


def test_same_person_again_is_carried_on(visitor, signed_in):
    signed_in.expect_watch("unchanged")
    visitor.sign_in_at_provider("alice")
    signed_in.expect_silent_authentications(1)
    signed_in.expect_watch("unchanged")
    expect(signed_in.signed_out).to_have_count(0)


def test_anonymous_page_notices_a_login(visitor):
    page = SamplePage(visitor.open(f"{visitor.site.rp}/"))
    page.expect_watch("unchanged")
    page.expect_silent_authentications(1)
    visitor.sign_in_at_provider("alice")
    page.expect_silent_authentications(2)
    page.expect_watch("unchanged")


def clear_cookies(visitor):
    visitor.context.clear_cookies(name="op_sessionid")
    visitor.context.clear_cookies(name=COOKIE)


def test_cleared_cookies_are_a_logout(visitor, signed_in):
    signed_in.expect_watch("unchanged")
    clear_cookies(visitor)
    expect(signed_in.signed_out).to_be_visible()
    signed_in.expect_watch("unchanged")


def test_lost_state_cookie_alone_is_no_logout(visitor, signed_in):
    signed_in.expect_watch("unchanged")
    visitor.context.clear_cookies(name=COOKIE)
    signed_in.expect_silent_authentications(1)
    signed_in.expect_watch("unchanged")
    expect(signed_in.signed_out).to_have_count(0)
    assert visitor.cookie()


def test_logout_at_the_application_comes_back_signed_out(visitor, signed_in):
    signed_in.page.get_by_role("button", name="Sign out").click()
    expect(signed_in.page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    page = visitor.open(f"{visitor.site.op}/")
    expect(page.get_by_role("heading", name="Nobody is signed in")).to_be_visible()


# Where the browser blocks


@pytest.fixture
def answers(blocked):
    """Wait until a page has polled the iframe again; the page keeps no count of that, so this listens along."""

    def wait_for(page, number):
        return page.evaluate(
            """(number) => new Promise((resolve, reject) => {
                setTimeout(reject, 30000, new Error("Fewer answers than that"));
                const heard = [];
                addEventListener("message", ({ data }) => heard.push(data) === number && resolve(heard));
            })""",
            number,
        )

    return wait_for


def sign_out(visitor):
    visitor.sign_out_at_provider()


def become_another_person(visitor):
    visitor.sign_in_at_provider("bob")


def sign_in_again(visitor):
    visitor.sign_in_at_provider("alice")


@pytest.mark.parametrize(
    ("happens", "is_told"),
    [(sign_out, True), (become_another_person, True), (sign_in_again, False), (clear_cookies, False)],
)
def test_blocked_browser_answers_error_and_nothing_loops_and_the_servers_tell(blocked, answers, happens, is_told):
    sample = sample_page_of(blocked, "alice")
    sample.expect_watch("error")
    before = blocked.authorizations
    happens(blocked)
    assert answers(sample.page, 3) == ["error"] * 3
    sample.expect_silent_authentications(0)
    assert blocked.authorizations == before
    expect(sample.signed_out).to_have_count(int(is_told))


def test_blocked_anonymous_page_asks_once_and_nothing_loops(blocked, answers):
    sample = SamplePage(blocked.open(f"{blocked.site.rp}/"))
    sample.expect_watch("error")
    blocked.sign_in_at_provider("alice")
    assert answers(sample.page, 3) == ["error"] * 3
    sample.expect_silent_authentications(1)
    assert blocked.authorizations == 1


def test_blocked_page_says_so(blocked):
    sample = sample_page_of(blocked, "alice")
    expect(sample.watch).to_contain_text("blocks the provider's cookies")


# Ended on the server


def end_by_administrator(new_visitor, world, person):
    """End all sessions of a person on the admin's pages, in another browser."""
    administrator = new_visitor(world)
    administrator.sign_in_at_provider("admin")
    page = administrator.open(f"{administrator.site.op}/admin/oidc_session/opsession/?q={person}")
    page.get_by_role("checkbox", name="Select all objects on this page for an action").check()
    page.get_by_label("Action:").select_option("end_sessions")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()
    expect(page.get_by_text("ended.")).to_be_visible()


@pytest.mark.parametrize("world", SEEING)
def test_session_ended_by_an_administrator_is_noticed_by_an_open_page(new_visitor, world):
    visitor = new_visitor(world)
    sample = sample_page_of(visitor, "alice")
    sample.expect_watch("unchanged")
    end_by_administrator(new_visitor, world, "alice")
    expect(sample.signed_out).to_be_visible()
