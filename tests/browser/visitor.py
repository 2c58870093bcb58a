"""A person with a browser."""

import json
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tools.browser import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
]
COOKIES_ALLOWED = 0
THIRD_PARTY_COOKIES_BLOCKED = 1  # In incognito windows; as Chromium comes.
PASSWORD = "demo-pass"
COOKIE = "oidc_ua_agent_state"
UNAUTHORIZED = "status of 401"  # What a page's script hears once its person is signed out.


def launch(playwright, profile, cookie_controls=COOKIES_ALLOWED):
    """Start a browser; each window() of it is incognito, with cookies of its own, and opens at once."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": cookie_controls}}))
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=FLAGS, ignore_https_errors=True
    )


@contextmanager
def window(browser, javascript=True):
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=javascript)
    yield context
    context.close()


class Visitor:
    def __init__(self, context, site):
        self.context = context
        self.site = site
        self.authorizations = 0
        self.trouble = []
        context.on("request", self._count)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.trouble.append(str(error.error)))

    def _count(self, request):
        if urlsplit(request.url).path == "/o/authorize/" and request.method == "GET":
            self.authorizations += 1

    def _listen(self, message):
        if message.type == "error" and UNAUTHORIZED not in message.text:
            self.trouble.append(message.text)

    def open(self, url):
        page = self.context.new_page()
        page.goto(url)
        return page

    def cookie(self):
        """Return the browser state's cookie."""
        found = [cookie for cookie in self.context.cookies(f"{self.site.op}/") if cookie["name"] == COOKIE]
        return found[0]["value"] if found else None

    # At the provider

    def sign_in_at_provider(self, name):
        page = self.open(f"{self.site.op}/accounts/login/")
        self.fill_in(page, name)
        expect(page.locator("[data-signed-in]")).to_have_text(name)
        page.close()

    def sign_out_at_provider(self):
        page = self.open(f"{self.site.op}/")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Nobody is signed in")).to_be_visible()
        page.close()

    def fill_in(self, page, name):
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    def sign_in(self, page, name):
        """Go from a sign-in button of the relying party through the provider and back."""
        page.locator("a, button").filter(has_text=re.compile("^Sign in$")).first.click()
        self.fill_in(page, name)
        self.allow_if_asked(page, page.locator("#session-watch, #spa"))

    def allow_if_asked(self, page, done):
        """Answer the consent page, unless what follows it is there already."""
        allow = page.get_by_role("button", name="Allow")
        expect(allow.or_(done).first).to_be_visible()
        if allow.is_visible():
            allow.click()


class SamplePage:
    """The sample relying party's page in one tab."""

    def __init__(self, page):
        self.page = page
        self.watch = page.locator("#session-watch")
        self.signed_out = page.locator("[data-oidc-signed-out]")

    def expect_watch(self, state, **options):
        expect(self.watch).to_have_attribute("data-watch", state, **options)

    def expect_silent_authentications(self, number):
        expect(self.watch).to_have_attribute("data-silent-count", str(number))
