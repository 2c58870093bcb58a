"""Pages that take much to be seen: as their templates make them, without a site around."""

import pytest
from django.template.loader import render_to_string

from tests.browser.accessibility import expect_no_sideways_scrolling, violations

ALONE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main>'


@pytest.fixture
def page(chrome):
    context = chrome.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("template", ["oidc_session/too_many_sessions.html", "oidc_session_rp/logout_form.html"])
def test_page_is_accessible_and_fits_a_phone(page, template):
    page.set_content(render_to_string(template))
    assert violations(page) == []
    expect_no_sideways_scrolling(page)


@pytest.mark.parametrize("notice", ["signed_out_notice", "expired_notice"])
def test_notice_is_accessible_and_fits_a_phone(page, notice):
    page.set_content(ALONE.format(render_to_string(f"oidc_session_rp/{notice}.html")))
    assert violations(page) == []
    expect_no_sideways_scrolling(page)
