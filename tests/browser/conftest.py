import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.administrator import forget_everything
from tests.browser.servers import cross_site, same_site
from tests.browser.visitor import SamplePage, Visitor, incognito, launch, start

WORLDS = {
    "same_site": ("same_site", True),
    "same_site_strict": ("same_site", False),
    "cross_site": ("cross_site", True),
    "blocked": ("cross_site", False),
}
SEEING = ["same_site", "same_site_strict", "cross_site"]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chrome(playwright):
    """One for all incognito windows, which open at once."""
    with start(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def same_site_servers(tmp_path_factory):
    with same_site(tmp_path_factory.mktemp("same_site")) as site:
        yield site


@pytest.fixture(scope="session")
def cross_site_servers(tmp_path_factory):
    with cross_site(tmp_path_factory.mktemp("cross_site")) as site:
        yield site


@pytest.fixture
def new_visitor(request, playwright, tmp_path):
    """Return what opens another browser in a world: new_visitor("same_site")."""
    contexts = []

    def open_browser(world, javascript=True):
        servers, allows_third_party_cookies = WORLDS[world]
        site = request.getfixturevalue(f"{servers}_servers")
        if allows_third_party_cookies:
            contexts.append(launch(playwright, tmp_path / f"profile-{len(contexts)}", javascript))
        else:
            contexts.append(incognito(request.getfixturevalue("chrome"), javascript))
        return Visitor(contexts[-1], site)

    yield open_browser
    for context in contexts:
        context.close()


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
    sample_page_of(visitor, name).page.close()
    second_page_of(visitor).page.close()


def sample_page_of(visitor, name):
    page = visitor.open(f"{visitor.site.rp}/")
    visitor.sign_in(page, name)
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.capitalize())
    return SamplePage(page)
