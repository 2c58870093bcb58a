"""Applications, their logouts, the ledger and consents in the Django admin: one walk past every button."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import expect_no_sideways_scrolling, violations
from tests.browser.administrator import DJANGOS, YES, Administrator
from tests.browser.conftest import sign_in_at_both_applications
from tests.browser.test_sessions_page import expect_signed_out, is_signed_in

SIGN_OUT_EVERYBODY = "Sign everybody out of selected applications"
SEND_TEST = "Send a test notice to selected applications"


@pytest.fixture
def alice(new_visitor, first_visitor):
    """The browser of alice, who is signed in at both applications."""
    alice = new_visitor("same_site")
    sign_in_at_both_applications(alice, "alice")
    return alice


@pytest.fixture
def admin(first_visitor, alice):
    return Administrator(first_visitor)


def test_administrator_walks_past_every_button(admin, alice):
    logout_settings_are_mended(admin)
    nobody_is_signed_out_without_a_yes(admin, alice)
    everybody_is_signed_out_of_an_application(admin, alice)
    notice_is_sent_again_and_tried_out(admin)
    applications_are_tried_out(admin)
    consent_is_revoked(admin, alice)


def logout_settings_are_mended(admin):
    admin.open("Applications")
    admin.look_at("Second application")
    assert violations(admin.page, "#logout_settings-group") == []
    uri = admin.page.get_by_role("textbox", name="Back-channel logout URI")
    before = uri.input_value()
    uri.fill("ftp://localhost/")
    admin.press("Save and continue editing")
    expect(admin.page.locator("#logout_settings-group .errorlist")).to_contain_text("The scheme of the logout URI")
    uri.fill(before)
    admin.press("Save")
    expect(admin.page.locator(".messagelist .success")).to_contain_text("was changed successfully")


def nobody_is_signed_out_without_a_yes(admin, alice):
    admin.act(SIGN_OUT_EVERYBODY, admin.row("Second application"))
    assert violations(admin.page, "#content") == []
    expect_no_sideways_scrolling(admin.page)
    admin.page.get_by_role("link", name="No, take me back").click()
    expect(admin.rows.first).to_be_visible()
    assert is_signed_in(alice, alice.site.second_rp)


def everybody_is_signed_out_of_an_application(admin, alice):
    admin.act(SIGN_OUT_EVERYBODY, admin.row("Second application"))
    admin.press("Yes, sign everybody out")
    admin.expect_said("Everybody is being signed out of 1 application.")
    admin.look_at("Second application")
    expect(admin.page.locator(".field-finished_at .readonly")).not_to_have_text("-")  # It looks again by itself.
    expect(admin.page.locator(".field-ended .readonly")).to_have_text("1")
    expect(admin.page.locator(".field-told .readonly")).to_have_text("1")
    assert violations(admin.page, "#content") == []
    assert admin.history() == []
    expect_signed_out(alice, alice.site.second_rp)
    assert is_signed_in(alice, alice.site.rp)
    admin.page.go_back()
    expect(admin.rows).to_have_count(1)


def notice_is_sent_again_and_tried_out(admin):
    admin.open("Logout notices")
    assert violations(admin.page, "#changelist", but=DJANGOS) == []
    assert admin.try_filters() == ["state", "problem", "age", "application"]
    admin.search("second-rp")
    admin.filter("delivered")
    expect(admin.rows).to_have_count(1)
    admin.open("Logout notices")  # Without the filter: what is sent again is waiting for a moment.
    admin.search("second-rp")
    admin.act("Send selected notices again", admin.row("server to server"))
    admin.expect_said("1 notice is being sent.")
    admin.act("Send test notices to their applications", admin.row("server to server"))
    admin.expect_said("Test notice to Second application: delivered (HTTP 200)")
    admin.look_at("server to server")
    assert violations(admin.page, "#content") == []
    expect_no_sideways_scrolling(admin.page)
    assert admin.history() == ["Sent again."]


def applications_are_tried_out(admin):
    admin.open("Applications")
    admin.act(SEND_TEST, admin.row("Sample application"), admin.row("single-page"))
    expect(admin.page.locator(".messagelist .success")).to_have_text(
        "Test notice to Sample application: delivered (HTTP 200)"
    )
    expect(admin.page.locator(".messagelist .error")).to_contain_text("the application has no logout URI")
    admin.look_at("Second application")
    log = admin.history()
    assert "Signed everybody out." in log
    assert "Test notice sent: delivered, status 200." in log


def consent_is_revoked(admin, alice):
    admin.open("Consents")
    assert admin.try_filters() == ["application"]
    admin.filter("Second application")
    admin.search("alice")
    expect(admin.rows).to_have_count(1)
    admin.act("Delete selected consents", admin.rows)
    admin.press(YES)
    admin.expect_said("Successfully deleted 1 consent.")
    asked = alice.open(f"{alice.site.second_rp}/oidc/demo/login/")
    expect(asked.get_by_role("heading", name="Second application would like to")).to_be_visible()
    assert violations(asked) == []
