"""Take the pictures in docs/images: `make pictures` starts the test project, fills it, and photographs each page."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.administrator import Administrator, change
from tests.browser.servers import environments, same_site
from tests.browser.told_applications import hangs
from tests.browser.visitor import FLAGS, Visitor
from tests.servers import ROOT
from tools.browser import chromium
from tools.picture_people import FIREFOX

IMAGES = Path(os.environ.get("PICTURES") or ROOT / "docs" / "images")
COMPUTER, PHONE = {"width": 1000, "height": 560}, {"width": 390, "height": 600}
ADMIN = {"width": 1280, "height": 600}
LONGEST = {1000: 1500, 390: 1700, 1280: 1100}  # What a picture shows of a long page.
HEIGHT = "Math.max(...[...document.querySelectorAll('html, .main, .content')].map((one) => one.scrollHeight))"
FAULT = "INSERT INTO op_fault (client_id, profile) VALUES ('sample-rp', 'refresh-invalid-grant')"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, same_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        fill(site, "past")
        for take in (of_admin, of_application, of_sessions, of_logout):  # The newest session is at the top of a list.
            with visiting(browser, site) as visitor:
                take(visitor)


def fill(site: Any, *arguments: str) -> None:
    environment, _second = environments(site, site.op_database.parent, {})
    settings = {"DJANGO_SETTINGS_MODULE": "testproject.op.settings"}
    command = [sys.executable, "-m", "tools.picture_people", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment | settings, check=True)  # noqa: S603


@contextmanager
def visiting(browser: Browser, site: Any) -> Iterator[Visitor]:
    context = browser.new_context(user_agent=FIREFOX, viewport=COMPUTER, reduced_motion="reduce", locale="en-GB")
    try:
        yield Visitor(context, site)
    finally:
        context.close()


def photograph(page: Page, name: str, of: str = "", wide: Any = COMPUTER, most: int = 2000) -> None:
    """Take a page, or a part of it, in the light, in the dark, and on a phone."""
    for suffix, scheme, size in (("light", "light", wide), ("dark", "dark", wide), ("phone", "light", PHONE)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(size)
        if wide == ADMIN:  # Whose content scrolls, not the page.
            page.set_viewport_size(size | {"height": min(page.evaluate(HEIGHT) + 120, LONGEST[size["width"]])})
        page.evaluate("document.activeElement?.blur()")
        page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
        page.screenshot(path=IMAGES / f"{name}-{suffix}.png", full_page=True, clip=area(page, of, most))
    page.set_viewport_size(wide)


def area(page: Page, of: str, most: int) -> Any:
    """Return what to take of a page: a part, what is in the window, or all there is."""
    box, window = page.locator(of or "html").bounding_box() or {}, page.viewport_size or COMPUTER
    is_window = not of and page.locator(".floating").count()
    height = window["height"] if is_window else box["height"] if of else max(box["height"], window["height"])
    return {"x": 0, "y": box["y"], "width": window["width"], "height": min(height, most, LONGEST[window["width"]])}


def signed_in_at_both(visitor: Visitor) -> Page:
    page = visitor.open(f"{visitor.site.rp}/")
    visitor.sign_in(page, "alice")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice Adams")
    second = visitor.open(f"{visitor.site.second_rp}/oidc/demo/login/")
    visitor.allow_if_asked(second, second.locator("#session-watch"))
    second.close()
    return page


def of_application(visitor: Visitor) -> None:
    site = visitor.site
    home = visitor.open(f"{site.op}/")
    photograph(home, "provider-home")
    home.goto(f"{site.op}/accounts/login/")
    photograph(home, "provider-login")
    home.goto(f"{site.rp}/oidc/demo/login/")
    visitor.fill_in(home, "alice")
    expect(home.get_by_role("button", name="Allow")).to_be_visible()
    photograph(home, "consent")
    home.get_by_role("button", name="Cancel").click()
    expect(home.get_by_role("heading", name="You are not signed in")).to_be_visible()
    photograph(home, "rp-error")
    home.goto(f"{site.rp}/oidc/demo/login/")
    home.get_by_role("button", name="Allow").click()
    expect(home.locator("#session-watch")).to_have_attribute("data-watch", "unchanged")
    photograph(home, "rp-signed-in")
    visitor.sign_out_at_provider()
    expect(home.locator("[data-oidc-signed-out]")).to_be_visible()
    expect(home.locator(".state")).to_have_text("Signed out, watching")
    photograph(home, "rp-signed-out")

    home.goto(f"{site.rp}/")
    visitor.sign_in(home, "alice")
    expect(home.get_by_role("heading", level=1)).to_have_text("Alice Adams")
    home.goto(f"{site.rp}/members/")
    home.get_by_label("Something you are writing").fill("Dear all,\n\nthe meeting on Thursday is at ten, and not")
    change(site, FAULT)
    visitor.open(f"{site.rp}/").get_by_role("button", name="Refresh now").click()
    expect(home.locator("[data-oidc-expired]")).to_be_visible()
    photograph(home, "rp-expired-with-draft")
    change(site, "DELETE FROM op_fault")
    visitor.sign_out_at_provider()


def of_sessions(visitor: Visitor) -> None:
    site, slow = visitor.site, f"{visitor.site.pages_origin}{visitor.site.pages.add(hangs)}"
    signed_in_at_both(visitor).close()
    fill(site, "now", slow)
    page = visitor.open(f"{site.op}/sessions/")
    photograph(page, "sessions-page")
    page.goto(f"{site.op}/sessions/everywhere/end/")
    photograph(page, "sign-out-everywhere")


def of_logout(visitor: Visitor) -> None:
    site, slow = visitor.site, f"{visitor.site.pages_origin}{visitor.site.pages.add(hangs)}"
    asks = f"{site.op}/o/logout/?client_id=sample-rp"
    rp = signed_in_at_both(visitor)
    page = visitor.open(f"{asks}&post_logout_redirect_uri={site.rp}/")
    photograph(page, "logout-question")
    page.goto(f"{asks}&x=1")
    page.get_by_role("button", name="This browser").click()
    expect(page.locator("[data-state=signed-out]").first).to_be_visible()
    photograph(page, "signed-out")
    rp.close()

    for name, back in (("signed-out-going-on", f"&post_logout_redirect_uri={site.rp}/"), ("signed-out-in-part", "")):
        signed_in_at_both(visitor).close()
        fill(site, "now", slow)
        page.route(f"{site.rp}/", lambda route: route.abort("aborted"))  # It would go on before the pictures are taken.
        page.goto(f"{asks}{back}")
        page.get_by_role("button", name="This browser").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        photograph(page, name)


def of_admin(visitor: Visitor) -> None:
    admin = Administrator(visitor)
    admin.page.set_viewport_size(ADMIN)
    admin.open("Sessions")
    admin.page.locator("#toggle-nav-sidebar").click()
    take = partial(photograph, admin.page, wide=ADMIN)

    def take_both(name: str, row: str, one: str, many: str) -> None:
        admin.open(name)
        take(f"admin-{many}", most=760)
        admin.look_at(row)
        take(f"admin-{one}")

    take_both("Sessions", "alice", "session", "sessions")
    take_both("Logout notices", "tickets", "notice", "notices")
    fill(visitor.site, "order")
    take_both("Logouts of everybody", "Tickets", "logout-of-everybody", "logouts-of-everybody")
    admin.open("Applications")
    admin.act("Sign everybody out of selected applications", admin.row("Tickets"))
    take("admin-sign-everybody-out")
    admin.open("Applications")
    admin.look_at("Calendar")
    take("admin-logout-settings", of="#logout_settings-group")


if __name__ == "__main__":
    main()
