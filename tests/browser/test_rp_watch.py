"""An open page of the relying party, in a real browser, served by an event loop."""

import time

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.visitor import window
from tests.rp.provider import CONFIGURATION, Answer, running_provider
from tests.rp.sites import Site

SIGNED_OUT = "[data-oidc-signed-out]"
SAYS = """<!doctype html><script>
let word = "unchanged";
addEventListener("message", ({ source, origin }) => source.postMessage(word, origin));
new BroadcastChannel("word").onmessage = ({ data }) => (word = data);
</script>"""


class Rp:
    """A relying party whose provider signs in whoever comes, as a browser sees them."""

    def __init__(self, op, address, context):
        self.op, self.address, self.context = op, address, context
        op.claims = {"sid": "s1"}
        op.answers["/authorize"] = self.authorize
        op.answers["/iframe"] = Answer(SAYS, headers={"Content-Type": "text/html"})
        op.answers[CONFIGURATION] = Answer(op.metadata | {"check_session_iframe": op.url + "/iframe"})
        self.refuse = False

    def authorize(self, request):
        sent = {"session_state": f"hash.salt{len(self.op.asked('/authorize'))}"}
        if self.refuse:
            sent |= {"code": None, "error": "login_required"}
        return Answer("", 302, {"Location": self.op.authorize(f"?{request.query}", **sent)})

    def open(self, path="/watched/"):
        page = self.context.new_page()
        page.goto(self.address + path)
        return page

    def sign_in(self):
        return self.open("/oidc/demo/login/?next=/watched/")

    def tell_of_logout(self):
        logout = {"logout_token": self.op.logout_token()}
        assert requests.post(f"{self.address}/oidc/demo/backchannel-logout/", logout).status_code == 200


@pytest.fixture
def rp(chrome, tmp_path):
    with running_provider() as op:
        site = Site(op, tmp_path)
        site.manage("migrate")
        site.manage("flush", "--no-input")
        with site.process("serve-async") as address, window(chrome) as context:
            yield Rp(op, address, context)


def has_stream(page):
    """Wait until one page of the browser listens."""
    page.wait_for_function(
        "navigator.locks.query().then(({ held }) => held.some(({ name }) => name.endsWith(':demo')))"
    )


def test_logout_reaches_open_tabs_within_a_second_and_nothing_is_lost(rp):
    first, second = rp.sign_in(), rp.open()
    second.locator("textarea").fill("what was typed")
    has_stream(second)
    expect(first.locator(SIGNED_OUT)).to_have_count(0)
    rp.tell_of_logout()
    told = time.monotonic()
    expect(second.locator(SIGNED_OUT)).to_be_visible(timeout=1000)
    assert time.monotonic() - told < 1
    expect(first.locator(SIGNED_OUT)).to_be_visible()
    assert second.locator("textarea").input_value() == "what was typed"


def test_signing_in_again_in_another_tab_takes_the_notice_away(rp):
    page = rp.sign_in()
    page.locator("textarea").fill("what was typed")
    has_stream(page)
    rp.tell_of_logout()
    with page.expect_popup():
        page.get_by_role("link", name="Sign in again").click()
    expect(page.locator(SIGNED_OUT)).to_have_count(0)
    assert page.locator("textarea").input_value() == "what was typed"
    has_stream(page)
    rp.tell_of_logout()
    expect(page.locator(SIGNED_OUT)).to_be_visible()


def is_watching(page):
    """Wait until the provider's iframe listens."""
    frame = page.wait_for_selector("iframe[src$='/iframe']", state="attached").content_frame()
    frame.wait_for_function("typeof word === 'string'")


def change_at_the_provider(rp):
    page = rp.context.new_page()
    page.goto(rp.op.url + "/iframe")
    page.evaluate("new BroadcastChannel('word').postMessage('changed')")
    return page


def test_logout_at_the_provider_is_noticed_by_its_iframe(rp):
    page = rp.sign_in()
    is_watching(page)
    rp.refuse = True
    with page.expect_response(lambda response: response.url.endswith("silent=1")):
        change_at_the_provider(rp).close()
        page.bring_to_front()
    expect(page.locator(SIGNED_OUT)).to_be_visible()


def test_change_at_the_provider_that_is_no_logout_goes_unseen(rp):
    page = rp.sign_in()
    page.locator("textarea").fill("what was typed")
    is_watching(page)
    with page.expect_response(lambda response: "/callback/" in response.url) as answered:
        change_at_the_provider(rp).close()
        page.bring_to_front()
    assert answered.value.status == 200
    expect(page.locator("iframe[src$='silent=1']")).to_have_count(0)
    expect(page.locator(SIGNED_OUT)).to_have_count(0)
    assert page.locator("textarea").input_value() == "what was typed"
