from contextlib import ExitStack

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.administrator import forget_everything
from tests.browser.servers import cross_site, same_site
from tests.browser.sign_in import sign_in
from tests.browser.visitor import THIRD_PARTY_COOKIES_BLOCKED, SamplePage, Visitor, launch, window

WORLDS = {
    "same_site": ("same_site_servers", "chrome"),
    "same_site_strict": ("same_site_servers", "blocking_chrome"),
    "cross_site": ("cross_site_servers", "chrome"),
    "blocked": ("cross_site_servers", "blocking_chrome"),
}
SEEING = ["same_site", "same_site_strict", "cross_site"]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chrome(playwright, tmp_path_factory):
    """A browser that allows third-party cookies."""
    context = launch(playwright, tmp_path_factory.mktemp("chrome"))
    yield context.browser
    context.close()


@pytest.fixture(scope="session")
def blocking_chrome(playwright, tmp_path_factory):
    """A browser that blocks third-party cookies."""
    context = launch(playwright, tmp_path_factory.mktemp("blocking_chrome"), THIRD_PARTY_COOKIES_BLOCKED)
    yield context.browser
    context.close()


@pytest.fixture(scope="session")
def same_site_servers(tmp_path_factory):
    with same_site(tmp_path_factory.mktemp("same_site")) as site:
        yield site


@pytest.fixture(scope="session")
def cross_site_servers(tmp_path_factory):
    with cross_site(tmp_path_factory.mktemp("cross_site")) as site:
        yield site


@pytest.fixture
def new_visitor(request):
    """Return what opens another browser in a world: new_visitor("same_site")."""
    with ExitStack() as windows:

        def open_browser(world, javascript=True):
            site, browser = (request.getfixturevalue(name) for name in WORLDS[world])
            return Visitor(windows.enter_context(window(browser, javascript)), site)

        yield open_browser


@pytest.fixture(params=SEEING)
def visitor(request, new_visitor):
    """A browser that lets the iframe see its cookie."""
    visitor = new_visitor(request.param)
    yield visitor
    assert visitor.trouble == []


@pytest.fixture
def first_visitor(new_visitor, same_site_servers):
    """A browser at a provider where nobody has ever been signed in."""
    forget_everything(same_site_servers)
    visitor = new_visitor("same_site")
    yield visitor
    assert visitor.trouble == []


@pytest.fixture
def blocked(new_visitor):
    """A browser that hides the provider's cookie from its iframe."""
    visitor = new_visitor("blocked")
    yield visitor
    assert visitor.trouble == []


@pytest.fixture
def signed_in(visitor):
    """The sample page of alice, who has signed in there."""
    return sample_page_of(visitor, "alice")


def second_page_of(visitor):
    """The second application's page of somebody who is signed in at the provider: nobody asks for a password."""
    page = visitor.open(f"{visitor.site.second_rp}/")
    page.locator("main").get_by_role("link", name="Sign in", exact=True).click()
    visitor.allow_if_asked(page, page.locator("#session-watch"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return SamplePage(page)


def sign_in_at_both_applications(visitor, name):
    sign_in(visitor, name, visitor.site.rp, visitor.site.second_rp)


def sample_page_of(visitor, name):
    """The sample page of somebody who has signed in there, which nobody saw."""
    sign_in(visitor, name, visitor.site.rp)
    return sample_page(visitor.open(f"{visitor.site.rp}/"), name)


def sample_page_after_login(visitor, name):
    """See sample_page_of(); the browser itself has been through the provider's pages."""
    page = visitor.open(f"{visitor.site.rp}/")
    visitor.sign_in(page, name)
    return sample_page(page, name)


def sample_page(page, name):
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.capitalize())
    return SamplePage(page)
