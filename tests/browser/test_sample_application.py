"""The sample application's pages, as its people see them."""

from playwright.sync_api import expect

from tests.browser.conftest import sample_page_after_login, sample_page_of
from tests.browser.visitor import SamplePage

SAVED = "() => !Object.keys(sessionStorage).length"


def members_page_of(visitor, name):
    sample_page_after_login(visitor, name).page.close()
    return SamplePage(visitor.open(f"{visitor.site.rp}/members/"))


def test_draft_outlives_a_logout_that_the_servers_tell_of_and_the_next_login(blocked):
    members = members_page_of(blocked, "alice")
    members.page.get_by_role("textbox").fill("half a sentence")
    members.page.wait_for_function(SAVED)
    blocked.sign_out_at_provider()
    expect(members.signed_out).to_be_visible()
    expect(members.page.get_by_role("textbox")).to_have_value("half a sentence")
    with members.page.expect_popup() as opened:
        members.page.get_by_role("link", name="Sign in again").click()
    blocked.fill_in(opened.value, "alice")
    expect(opened.value.get_by_role("textbox")).to_have_value("half a sentence")
    expect(members.signed_out).to_have_count(0)


def test_draft_is_not_shown_to_the_next_person(blocked):
    members = members_page_of(blocked, "alice")
    members.page.get_by_role("textbox").fill("half a sentence")
    members.page.wait_for_function(SAVED)
    blocked.sign_out_at_provider()
    expect(members.signed_out).to_be_visible()
    members.page.close()
    of_bob = members_page_of(blocked, "bob")
    of_bob.page.wait_for_load_state("networkidle")
    expect(of_bob.page.get_by_role("textbox")).to_have_value("")


def test_who_is_not_of_the_staff_is_told_so(blocked):
    sample_page_of(blocked, "bob").page.close()
    page = blocked.context.new_page()
    assert page.goto(f"{blocked.site.rp}/staff/").status == 403
    expect(page.get_by_role("heading", name="This is not for you")).to_be_visible()
    blocked.trouble.clear()  # The browser writes of each 403.


def test_refresh_by_the_person_tells_how_it_went(blocked):
    sample = sample_page_of(blocked, "alice")
    sample.page.get_by_role("button", name="Refresh now").click()
    expect(sample.page.get_by_role("status").filter(has_text="refreshed")).to_be_visible()
