"""Front-channel logout in a browser: whatever the frames do, the page goes on, and never later than the limit."""

import threading

import pytest
from playwright.sync_api import expect

from tests.browser.servers import FRONTCHANNEL_LOGOUT_TIMEOUT as LIMIT
from tests.browser.told_applications import (
    ToldApplication,
    answers_with_nothing,
    asks_for_a_password,
    denies_framing,
    downloads,
    fails,
    hangs,
    loads,
    redirecting,
    refused_address,
    takes_the_page,
)

A_MOMENT = 1.0  # What a busy machine may take on top, in seconds.
DONE_AT_ONCE = [loads, fails, denies_framing, answers_with_nothing, downloads, takes_the_page]
NEVER_DONE = [hangs, asks_for_a_password]


@pytest.fixture
def local(new_visitor):
    visitor = new_visitor("same_site")
    visitor.sign_in_at_provider("alice")
    return visitor


@pytest.fixture
def scriptless(new_visitor):
    visitor = new_visitor("same_site", javascript=False)
    visitor.sign_in_at_provider("alice")
    return visitor


def signed_in_at(visitor, *ways, **options):
    """Return one application for each way to take a logout, with alice signed in at all of them."""
    applications = [
        ToldApplication(visitor.site, way, name=f"Application that {way.__name__}", **options) for way in ways
    ]
    for application in applications:
        application.sign_in(visitor)
    return applications


def log_out(visitor, application, **parameters):
    """Log out at an application, until the browser is back there."""
    page = visitor.context.new_page()
    page.goto(application.log_out_url(post_logout_redirect_uri=application.back, **parameters), wait_until="commit")
    expect(page.get_by_role("heading", name="Back at the application")).to_be_visible()
    return page


def line(page, application_name):
    return page.get_by_role("listitem").filter(has_text=application_name)


@pytest.mark.parametrize("world", ["same_site", "cross_site", "blocked"])
def test_applications_are_asked_in_every_world_of_cookies(new_visitor, world):
    visitor = new_visitor(world)
    visitor.sign_in_at_provider("alice")
    initiator, other = signed_in_at(visitor, loads, loads)
    page = log_out(visitor, initiator, state="a state: ä&<%20")
    assert page.url == f"{initiator.back}?state=a%20state%3A%20%C3%A4%26%3C%2520"
    for application in (initiator, other):
        [told] = application.told
        assert told.query.keys() == {"kept", "iss", "sid"}
        assert (told.query["kept"], told.query["iss"]) == ("a b", f"{visitor.site.op}/o")
        assert "Referer" not in told.headers
    assert initiator.told[0].query["sid"] != other.told[0].query["sid"]
    assert initiator.seconds_until_back() < LIMIT
    assert visitor.trouble == []


@pytest.mark.parametrize("way", DONE_AT_ONCE)
def test_page_leaves_as_soon_as_a_frame_is_done(local, way):
    [application] = signed_in_at(local, way)
    log_out(local, application)
    assert application.seconds_until_back() < LIMIT


def test_page_leaves_as_soon_as_a_frame_is_redirected_to_its_end(local):
    [application] = signed_in_at(local, redirecting(local.site.pages, local.site.pages.add(loads), times=5))
    log_out(local, application)
    assert application.seconds_until_back() < LIMIT


def test_frame_that_is_redirected_to_another_origin_goes_no_further(local):
    elsewhere = local.site.pages.add(loads)
    address = f"http://127.0.0.1:{local.site.pages.server_port}{elsewhere}"
    [application] = signed_in_at(local, redirecting(local.site.pages, address, times=1))
    log_out(local, application)
    assert application.seconds_until_back() < LIMIT
    assert elsewhere not in [seen.path for seen in local.site.pages.seen]


def test_page_leaves_although_nobody_listens_where_a_frame_leads(local):
    [initiator] = signed_in_at(local, loads)
    signed_in_at(local, loads, origin=refused_address())
    log_out(local, initiator)
    assert initiator.seconds_until_back() < LIMIT


def test_page_waits_for_the_last_frame(local):
    may_answer = threading.Event()

    def waits(handler):
        may_answer.wait()
        handler.answer("signed out")

    initiator, _slow = signed_in_at(local, loads, waits)
    page = local.context.new_page()
    page.goto(initiator.log_out_url(post_logout_redirect_uri=initiator.back), wait_until="commit")
    expect(line(page, "loads")).to_have_attribute("data-state", "asked")
    expect(line(page, "waits")).to_have_attribute("data-state", "asking")
    may_answer.set()
    expect(page.get_by_role("heading", name="Back at the application")).to_be_visible()
    assert initiator.seconds_until_back() < LIMIT


@pytest.mark.parametrize("way", NEVER_DONE)
def test_page_leaves_at_the_limit(local, way):
    initiator, _other = signed_in_at(local, loads, way)
    log_out(local, initiator)
    assert LIMIT - A_MOMENT < initiator.seconds_until_back() < LIMIT + A_MOMENT


def test_twenty_frames_of_all_kinds_are_asked_and_leave_in_time(local):
    applications = signed_in_at(local, *(DONE_AT_ONCE * 4)[:20])
    log_out(local, applications[0])
    assert [len(application.told) for application in applications] == [1] * 20
    assert applications[0].seconds_until_back() < LIMIT


def test_back_does_not_come_back_to_the_page(local):
    [application] = signed_in_at(local, loads)
    page = local.open(f"{local.site.op}/")
    page.goto(application.log_out_url(post_logout_redirect_uri=application.back), wait_until="commit")
    expect(page.get_by_role("heading", name="Back at the application")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Nobody is signed in")).to_be_visible()


# The page that stays


def test_page_without_a_way_back_says_who_was_asked_and_who_did_not_answer(local):
    initiator, _other = signed_in_at(local, loads, hangs)
    page = local.context.new_page()
    page.goto(initiator.log_out_url(), wait_until="commit")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(line(page, "hangs")).to_contain_text("did not answer in time")
    expect(line(page, "loads")).to_contain_text("was asked to sign you out in this browser")
    expect(page.get_by_role("status")).to_contain_text("Where you may still be signed in")
    page.get_by_role("link", name="Go to the start page").click()
    expect(page.get_by_role("heading", name="Nobody is signed in")).to_be_visible()


def test_djangos_own_logout_asks_in_frames_and_goes_on_to_its_next_page(local):
    [application] = signed_in_at(local, loads)
    local.sign_out_at_provider()
    assert len(application.told) == 1


# Without JavaScript


@pytest.mark.parametrize("way", [loads, fails, denies_framing, answers_with_nothing, hangs])
def test_page_goes_on_by_itself_without_javascript(scriptless, way):
    initiator, other = signed_in_at(scriptless, loads, way)
    log_out(scriptless, initiator, state="s")
    assert len(initiator.told) == len(other.told) == 1
    assert initiator.seconds_until_back() < LIMIT  # The frames are asked a second after the page has come.


def test_page_has_a_link_without_javascript(scriptless):
    [application] = signed_in_at(scriptless, hangs)
    page = scriptless.context.new_page()
    page.goto(application.log_out_url(post_logout_redirect_uri=application.back), wait_until="commit")
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_role("heading", name="Back at the application")).to_be_visible()


def test_page_that_stays_tells_the_same_without_javascript(scriptless):
    [application] = signed_in_at(scriptless, loads)
    page = scriptless.open(application.log_out_url())
    expect(line(page, "loads").get_by_text("is asked to sign you out in this browser")).to_be_visible()
    expect(line(page, "loads").get_by_text("did not answer in time")).to_be_hidden()
    expect(page.get_by_text("Where you may still be signed in")).to_be_hidden()
