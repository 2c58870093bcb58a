"""The pages that the relying party brings along, for sites that have none of their own."""

from playwright.sync_api import expect

from tests.browser.accessibility import expect_no_sideways_scrolling, violations
from tests.browser.test_drafts import address, context, op, page  # noqa: F401


def test_each_is_accessible_and_fits_a_phone(page, address):  # noqa: F811
    for path, heading in (("oidc/demo/callback/?state=unknown", "Signing in did not work"), ("staff/", "not for you")):
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert violations(page) == []
        expect_no_sideways_scrolling(page)
