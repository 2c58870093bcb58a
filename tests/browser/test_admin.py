"""Our pages in the Django admin, button by button; what comes of it is looked at in the browsers of other people."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import expect_no_sideways_scrolling, violations
from tests.browser.administrator import DJANGOS, YES, Administrator, OtherBrowser, change
from tests.browser.conftest import sample_page_of


@pytest.fixture
def admin(first_visitor):
    return Administrator(first_visitor)


@pytest.fixture
def alice(new_visitor, first_visitor):
    """The sample page of alice, which notices when she is signed out."""
    return sample_page_of(new_visitor("same_site"), "alice")


@pytest.fixture
def bob_looks(same_site_servers):
    """Let bob look at our pages, and do nothing there."""
    bob = "(SELECT id FROM auth_user WHERE username = 'bob')"
    looking = "SELECT id FROM auth_permission WHERE codename LIKE 'view_%'"
    change(
        same_site_servers,
        f"UPDATE auth_user SET is_staff = 1 WHERE id = {bob}",
        f"INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT {bob}, id FROM ({looking})",
    )
    yield
    change(
        same_site_servers,
        f"UPDATE auth_user SET is_staff = 0 WHERE id = {bob}",
        f"DELETE FROM auth_user_user_permissions WHERE user_id = {bob}",
    )


def test_session_is_found_looked_at_and_ended(admin, alice):
    page = admin.page
    admin.open("Sessions")
    assert admin.actions == [
        "Delete selected sessions",
        "End selected sessions",
        "End all sessions of the selected people",
    ]
    assert violations(page, "#changelist", but=DJANGOS) == []
    assert admin.try_filters() == ["state", "age", "application"]
    admin.filter("live")
    admin.filter("Sample application")
    expect(admin.rows).to_have_count(1)
    admin.look_at("alice")
    sid = page.locator("td.field-sid").inner_text()
    expect(page.locator("td.field-application")).to_have_text("Sample application")
    assert violations(page, "#content", but=DJANGOS) == []
    expect_no_sideways_scrolling(page)
    admin.open("Sessions")
    for term, number in (("ali", 1), (sid, 1), ("127.0.0.1", 2), ("nobody", 0)):
        admin.search(term)
        expect(admin.rows).to_have_count(number)
    admin.search(sid)
    admin.look_at("alice")
    page.get_by_role("link", name="All sessions of this person").click()
    expect(admin.rows).to_have_count(1)
    page.go_back()
    late = admin.visitor.open(page.url)
    admin.press("End this session")
    admin.expect_said("1 session ended.")
    expect(alice.signed_out).to_be_visible()
    expect(admin.row("alice")).to_contain_text("ended by an administrator")

    late.get_by_role("button", name="End this session").click()
    expect(late.locator(".messagelist li")).to_have_text("0 sessions ended.")
    page.go_back()
    expect(page.get_by_role("heading", name="View session")).to_be_visible()
    expect(page.get_by_role("button", name="End this session")).to_have_count(0)
    assert admin.history() == ["Ended."]


def test_many_sessions_are_ended_at_once(admin):
    page, site = admin.page, admin.site
    first, second, bob = (OtherBrowser(site, name) for name in ("alice", "alice", "bob"))
    admin.open("Sessions")
    admin.act("End selected sessions", admin.row("bob"), admin.rows.filter(has_text="alice").last)
    admin.expect_said("2 sessions ended.")
    assert [one.is_signed_in for one in (first, second, bob)] == [False, True, False]
    admin.filter("live")
    admin.act("End all sessions of the selected people", admin.row("alice"))
    admin.expect_said("1 session ended.")
    assert not second.is_signed_in

    twice = OtherBrowser(site, "alice")
    admin.open("Sessions")
    admin.look_at("alice")
    page.get_by_role("button", name="End all sessions of this person").dblclick()
    expect(page.locator(".messagelist li").first).to_contain_text("ended.")
    assert not twice.is_signed_in

    deleted, many = OtherBrowser(site, "alice"), OtherBrowser(site, "bob")
    admin.open("Sessions")
    admin.look_at("alice")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("link", name="No, take me back").click()
    page.get_by_role("link", name="Delete").click()
    admin.press(YES)
    expect(page.locator(".messagelist li")).to_contain_text("was deleted successfully.")
    admin.act("Delete selected sessions", admin.row("bob"))
    admin.press(YES)
    admin.expect_said("Successfully deleted 1 session.")
    assert not deleted.is_signed_in
    assert not many.is_signed_in


def test_who_may_look_alone_sees_no_button(first_visitor, bob_looks):
    OtherBrowser(first_visitor.site, "alice")
    bob = Administrator(first_visitor, "bob")
    for name in ("Sessions", "Logout notices", "Logouts of everybody", "Consents", "Applications"):
        bob.open(name)
        assert bob.actions == []
    bob.open("Sessions")
    bob.look_at("alice")
    expect(bob.page.get_by_role("link", name="All sessions of this person")).to_be_visible()
    shown = bob.page.locator("#content").get_by_role("button").or_(bob.page.get_by_role("link", name="Delete"))
    expect(shown).to_have_count(0)
