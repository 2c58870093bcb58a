"""Two applications in one session: a logout at one of them, or at the provider, signs out at the other."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WORLDS, sample_page_after_login, sample_page_of, second_page_of

SIGNED_OUT_AT_SERVER = """
async () => (await (await fetch("/oidc/status/")).json()).demo.state === "anonymous"
"""


@contextmanager
def backchannel_logout_uri(site, uri):
    """Give the second application another one meanwhile."""
    before = replace_backchannel_logout_uri(site, uri)
    try:
        yield
    finally:
        replace_backchannel_logout_uri(site, before)


def replace_backchannel_logout_uri(site, uri):
    ours = "application_id = (SELECT id FROM oauth2_provider_application WHERE client_id = 'second-rp')"
    with closing(sqlite3.connect(site.op_database, timeout=20)) as database, database:
        table = "oidc_session_clientlogoutsettings"
        [before] = database.execute(f"SELECT backchannel_logout_uri FROM {table} WHERE {ours}").fetchone()
        database.execute(f"UPDATE {table} SET backchannel_logout_uri = ? WHERE {ours}", [uri])
    return before


@pytest.fixture(params=WORLDS)
def visitor(request, new_visitor):
    """A browser of each kind: none of this needs a cookie in a frame."""
    visitor = new_visitor(request.param)
    yield visitor
    assert visitor.trouble == []


def unwatched_page_of(visitor):
    """See second_page_of(); on a page without a frame of the provider's, so that only the servers can know."""
    page = second_page_of(visitor).page
    page.goto(f"{visitor.site.second_rp}/oidc/status/")
    return page


def at_application(visitor, sample):
    sample.page.get_by_role("button", name="Sign out").click()
    expect(sample.page.get_by_role("heading", name="You are not signed in")).to_be_visible()


def at_provider(visitor, sample):
    visitor.sign_out_at_provider()


@pytest.mark.parametrize("sign_out", [at_application, at_provider])
def test_logout_signs_out_at_the_other_application(visitor, sign_out):
    sample = sample_page_after_login(visitor, "alice")
    second = unwatched_page_of(visitor)
    sign_out(visitor, sample)
    second.wait_for_function(SIGNED_OUT_AT_SERVER)
    second.goto(f"{visitor.site.second_rp}/")
    expect(second.get_by_role("heading", name="You are not signed in")).to_be_visible()


@pytest.fixture
def told_in_the_browser(visitor):
    """Leave the second application its front-channel logout URI alone."""
    with backchannel_logout_uri(visitor.site, ""):
        yield


def test_logout_in_a_frame_signs_out_at_the_other_application(visitor, told_in_the_browser):
    sample = sample_page_of(visitor, "alice")
    second = unwatched_page_of(visitor)
    at_application(visitor, sample)
    second.wait_for_function(SIGNED_OUT_AT_SERVER)


def test_logout_leaves_the_same_person_in_another_browser_alone(new_visitor):
    here, there = new_visitor("same_site"), new_visitor("same_site")
    sample, elsewhere = sample_page_of(here, "alice"), sample_page_of(there, "alice")
    second = unwatched_page_of(here)
    second_elsewhere = second_page_of(there)
    at_application(here, sample)
    second.wait_for_function(SIGNED_OUT_AT_SERVER)
    for page in (elsewhere.page, second_elsewhere.page):
        page.reload()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_applications_tell_their_names_apart(new_visitor):
    visitor = new_visitor("same_site")
    expect(visitor.open(f"{visitor.site.rp}/")).to_have_title("Sample application")
    expect(visitor.open(f"{visitor.site.second_rp}/")).to_have_title("Second application")
