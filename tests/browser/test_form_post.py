"""response_mode=form_post in a browser, with and without JavaScript."""

from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import expect


def posted_answer(visitor, javascript, **changes):
    """Ask for a response by POST, and return what the relying party's callback gets."""
    callback = f"{visitor.site.rp}/oidc/demo/callback/"
    received = []

    def receive(route):
        received.append((route.request.method, route.request.post_data, route.request.headers))
        route.fulfill(body="<h1>Received</h1>", headers={"Content-Type": "text/html"})

    visitor.context.route(f"{callback}**", receive)
    parameters = {
        "client_id": "sample-rp",
        "redirect_uri": callback,
        "response_type": "code",
        "response_mode": "form_post",
        "scope": "openid",
        "state": "a state: ä&<",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    } | changes
    page = visitor.open(f"{visitor.site.op}/o/authorize/?{urlencode(parameters)}")
    received_page = page.get_by_role("heading", name="Received")
    visitor.allow_if_asked(page, received_page if javascript else page.get_by_role("button", name="Continue"))
    if not javascript:
        page.get_by_role("button", name="Continue").click()
    expect(received_page).to_be_visible()
    [(method, body, headers)] = received
    assert method == "POST"
    assert headers["origin"] == visitor.site.op
    return {name: values[0] for name, values in parse_qs(body).items()}


@pytest.mark.parametrize("world", ["same_site", "cross_site"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "button"])
def test_code_arrives_by_post(new_visitor, world, javascript):
    visitor = new_visitor(world, javascript=javascript)
    visitor.sign_in_at_provider("alice")
    answer = posted_answer(visitor, javascript)
    assert answer.keys() == {"code", "iss", "session_state", "state"}
    assert answer["state"] == "a state: ä&<"
    assert visitor.trouble == []


def test_error_arrives_by_post(new_visitor):
    visitor = new_visitor("same_site")
    assert posted_answer(visitor, True, prompt="none")["error"] == "login_required"
