"""What a person types survives an expired session, in a real browser, and nobody else sees it."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import window
from tests.rp.provider import Answer, running_provider
from tests.rp.sites import Site

REFRESH = """fetch("/oidc/demo/refresh/", {
    method: "POST",
    headers: {"X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value},
}).then((answer) => answer.status)"""
SAVED = "() => !Object.keys(sessionStorage).length"


@pytest.fixture
def op():
    """A provider that signs whoever it has as its sub in at once."""
    with running_provider() as provider:
        provider.answers["/authorize"] = lambda request: Answer(
            status=302, headers={"Location": provider.authorize(request.address)}
        )
        yield provider


@pytest.fixture
def address(op, tmp_path):
    site = Site(op, tmp_path)
    site.manage("migrate")
    site.manage("flush", "--no-input")
    with site.process() as address:
        yield address


@pytest.fixture
def context(chrome):
    with window(chrome) as context:
        yield context


@pytest.fixture
def page(context, address):
    page = context.new_page()
    sign_in(page, address)
    return page


def sign_in(page, address):
    page.goto(f"{address}/oidc/demo/login/?next=/form/%3Fa%3D1%23part")
    expect(page).to_have_url(f"{address}/form/?a=1#part")
    page.wait_for_load_state("networkidle")


def notice(page):
    return page.get_by_role("status")


def text(page):
    return page.locator("textarea")


def expire(page, op):
    """Let the provider refuse the next refresh, and the page ask for one."""
    op.answers["/token"] = Answer({"error": "invalid_grant"}, 400)
    assert page.evaluate(REFRESH) == 401
    del op.answers["/token"]


def sign_in_again(page, address):
    notice(page).get_by_role("link", name="Sign in again.").press("Enter")
    page.wait_for_url(f"{address}/form/?a=1#part")
    page.wait_for_load_state("networkidle")


def test_expired_session_leaves_the_page_and_brings_the_person_back(page, op, address):
    text(page).type("Dear all")
    expect(page.locator("[data-oidc-expired]")).to_be_hidden()
    expire(page, op)
    expect(notice(page)).to_contain_text("Your session has expired.")
    expect(text(page)).to_have_value("Dear all")
    text(page).type(" of you")
    sign_in_again(page, address)
    expect(text(page)).to_have_value("Dear all of you")
    expect(page.locator("[data-oidc-expired]")).to_be_hidden()


def test_page_that_is_not_told_finds_out_by_the_next_draft(page, op, context):
    page.wait_for_load_state("networkidle")
    elsewhere = context.new_page()
    elsewhere.goto(page.url)
    expire(elsewhere, op)
    expect(page.locator("[data-oidc-expired]")).to_be_hidden()
    text(page).type("Dear all")
    expect(notice(page)).to_contain_text("Your session has expired.")


def test_next_person_sees_nothing_of_it(page, op, address):
    text(page).type("only for Alice")
    page.wait_for_function(SAVED)
    expire(page, op)
    op.sub = "bob-sub"
    sign_in_again(page, address)
    expect(text(page)).to_have_value("")
    assert "Alice" not in page.content()
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"
    op.sub = "alice-sub"
    sign_in(page, address)
    expect(text(page)).to_have_value("only for Alice")


def test_what_could_not_be_saved_waits_in_the_tab(page, op, address, context):
    page.route("**/drafts/**", lambda route: route.abort())
    text(page).type("typed offline")
    page.unroute("**/drafts/**")
    sign_in(page, address)
    expect(text(page)).to_have_value("typed offline")
    page.wait_for_function(SAVED)
    elsewhere = context.new_page()
    elsewhere.goto(page.url)
    expect(text(elsewhere)).to_have_value("typed offline")


def test_form_that_was_accepted_takes_its_draft_away(page, address):
    text(page).type("Dear all")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("body")).to_have_text("accepted")
    sign_in(page, address)
    expect(text(page)).to_have_value("")
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"


def test_form_that_met_an_expired_session_costs_nothing(page, op, address):
    text(page).type("Dear all")
    page.wait_for_function(SAVED)
    expire(page, op)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("link", name="Sign in").click()
    expect(text(page)).to_have_value("Dear all")


def test_page_of_one_person_is_covered_once_another_is_signed_in(page, op, address, context):
    text(page).type("only for Alice")
    op.sub = "bob-sub"
    sign_in(context.new_page(), address)
    with page.expect_event("load"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(text(page)).to_have_value("")
    expect(text(page)).to_be_visible()


def test_going_back_shows_nothing_of_the_last_person(page, op, address):
    text(page).type("only for Alice")
    page.wait_for_function(SAVED)
    page.goto(f"{address}/")
    op.sub = "bob-sub"
    page.goto(f"{address}/oidc/demo/login/?next=/members/")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(f"{address}/form/?a=1#part")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.querySelector('script[data-person]').dataset.person") == page.evaluate(
        "fetch('/oidc/demo/drafts/').then((answer) => answer.json()).then(({person}) => person)"
    )
    expect(text(page)).to_have_value("")
