"""How long it takes from the click on "Sign out" at the provider to the notice in the application's tab.

Run from the repository's root: python -m benchmarks.logout_notice
"""

import os
import platform
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import sample_page_of
from tests.browser.servers import same_site
from tests.browser.visitor import Visitor, launch

ROUNDS = 10
WATCH_FOR_NOTICE = """() => {
  window.noticed = new Promise((resolve) => {
    const look = () => document.querySelector("[data-oidc-signed-out]") && resolve(Date.now());
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
}"""
WATCH_FOR_CLICK = '() => addEventListener("click", () => localStorage.setItem("clicked", Date.now()))'


def main() -> None:
    with TemporaryDirectory() as folder, same_site(Path(folder)) as site, sync_playwright() as playwright:
        context = launch(playwright, Path(folder) / "profile")
        took = [milliseconds(Visitor(context, site)) for _ in range(ROUNDS)]
        version = context.browser.version if context.browser else "of this machine"
        context.close()
    print(f"From click to notice: median {median(took):.0f} ms of {ROUNDS} rounds ({min(took)} to {max(took)} ms).")
    print(f"Chromium {version}, {platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}.")


def milliseconds(visitor: Visitor) -> int:
    """Sign in at the application, sign out at the provider, and return what lies between click and notice."""
    application = sample_page_of(visitor, "alice")
    application.expect_watch("unchanged")
    application.page.evaluate(WATCH_FOR_NOTICE)
    provider = visitor.open(f"{visitor.site.op}/")
    provider.evaluate(WATCH_FOR_CLICK)
    provider.get_by_role("button", name="Sign out").click()
    expect(provider.get_by_role("heading", name="Nobody is signed in")).to_be_visible()
    clicked = provider.evaluate('Number(localStorage.getItem("clicked"))')
    took: int = application.page.evaluate("noticed") - clicked
    for page in (application.page, provider):
        page.close()
    return took


if __name__ == "__main__":
    main()
