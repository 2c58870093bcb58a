"""The pages that no other test looks at: with axe-core, in the light and in the dark, and on a phone."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import expect_no_sideways_scrolling, violations

REQUEST = {
    "client_id": "sample-rp",
    "response_type": "code",
    "response_mode": "form_post",
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


@pytest.fixture
def visitor(new_visitor):
    visitor = new_visitor("same_site")
    yield visitor
    assert [text for text in visitor.trouble if "status of 4" not in text] == []  # The error pages.


def look(page, heading, but=()):
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert violations(page, but=but) == []
    expect_no_sideways_scrolling(page)


def visit(page, address, heading):
    page.goto(address)
    look(page, heading)


def test_each_is_accessible_and_fits_a_phone(visitor):
    site, page = visitor.site, visitor.context.new_page()
    visit(page, f"{site.op}/", "Nobody is signed in")
    visit(page, f"{site.op}/accounts/login/", "Sign in")
    visit(page, f"{site.op}/faults/", "Faults on demand")
    visit(page, f"{site.rp}/", "You are not signed in")
    visit(page, f"{site.rp}/spa/", "You are not signed in")
    visit(page, f"{site.rp}/oidc/demo/callback/?state=unknown", "Signing in did not work")

    page.goto(f"{site.rp}/oidc/demo/login/")
    visitor.fill_in(page, "bob")
    look(page, "Sample application would like to")
    page.get_by_role("button", name="Allow").click()
    look(page, "Bob Brown")
    visit(page, f"{site.op}/", "Bob Brown")
    visit(page, f"{site.op}/o/authorize/?client_id=unknown", "This request can't be answered")
    visit(page, f"{site.rp}/staff/", "This is not for you")
    visit(page, f"{site.rp}/members/", "Members")
    visitor.sign_out_at_provider()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out.")
    look(page, "Members")


def test_page_that_posts_an_answer_is_too(visitor):
    """It stays for as long as the application takes to answer."""
    visitor.sign_in_at_provider("alice")
    callback = f"{visitor.site.rp}/oidc/demo/callback/"
    visitor.context.route(f"{callback}**", lambda route: route.abort("aborted"))
    page = visitor.context.new_page()
    query = urlencode(REQUEST | {"redirect_uri": callback})
    page.goto(f"{visitor.site.op}/o/authorize/?{query}", wait_until="commit")
    visitor.allow_if_asked(page, page.get_by_role("heading", name="Signing in"))
    look(page, "Signing in", but=["color-contrast"])  # It has no style: axe takes the browser's dark for white.
