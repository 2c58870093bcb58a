"""oidc-client-ts, as any single-page application has it, with monitorSession and monitorAnonymousSession."""

import re

import pytest
from playwright.sync_api import expect


class Spa:
    def __init__(self, visitor):
        self.visitor = visitor
        self.page = visitor.open(f"{visitor.site.rp}/spa/")
        self.signed_out = self.page.locator("[data-oidc-signed-out]")

    def sign_in(self, name):
        self.visitor.sign_in(self.page, name)
        expect(self.page.locator("#name")).to_contain_text(re.compile(name, re.IGNORECASE))

    def expect_event(self, name):
        expect(self.page.locator(".log li").filter(has_text=name).first).to_be_visible()


RECORD = "window.heard = []; addEventListener('message', ({ data }) => heard.push(data))"


@pytest.fixture
def spa(visitor):
    visitor.context.add_init_script(RECORD)
    return Spa(visitor)


def test_logout_in_another_tab_is_noticed(visitor, spa):
    spa.sign_in("alice")
    visitor.sign_out_at_provider()
    spa.expect_event("userSignedOut")
    expect(spa.signed_out).to_be_visible()


def test_another_person_is_a_logout_for_the_first(visitor, spa):
    spa.sign_in("alice")
    visitor.sign_in_at_provider("bob")
    spa.expect_event("userSignedOut")


def test_same_person_again_is_carried_on(visitor, spa):
    spa.sign_in("alice")
    visitor.sign_in_at_provider("alice")
    spa.expect_event("userSessionChanged")
    expect(spa.signed_out).to_have_count(0)


def test_anonymous_page_notices_a_login(visitor, spa):
    spa.sign_in("alice")  # Consents: a silent request is answered from now on.
    visitor.sign_out_at_provider()
    spa.expect_event("userSignedOut")
    spa.page.wait_for_function("heard.lastIndexOf('unchanged') > heard.indexOf('changed')")  # It watches again.
    visitor.sign_in_at_provider("alice")
    spa.expect_event("userSignedIn")


def test_blocked_browser_does_not_loop(blocked):
    blocked.context.add_init_script(RECORD)
    spa = Spa(blocked)
    spa.sign_in("alice")
    spa.page.wait_for_function("heard.includes('error')")  # It stops asking then.
    before = blocked.authorizations
    blocked.sign_out_at_provider()
    ask = "document.querySelector('iframe').contentWindow.postMessage('sample-spa 0', '*')"
    for number in range(2, 5):
        spa.page.evaluate(ask)
        spa.page.wait_for_function(f"heard.filter((data) => data === 'error').length === {number}")
    assert blocked.authorizations == before
    expect(spa.signed_out).to_have_count(0)
