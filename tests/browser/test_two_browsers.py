"""Two browsers, one person, three applications: a logout ends one browser's session, and nothing else."""

import base64
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import sample_page_of
from tests.browser.test_single_page_application import Spa

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # With the challenge below, from RFC 7636.
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class ThirdApplication:
    """A client that registers itself, and whose callback is an empty page."""

    def __init__(self, site):
        self.site = site
        self.redirect_uri = f"{site.pages_origin}/callback/"
        metadata = {"redirect_uris": [self.redirect_uri], "token_endpoint_auth_method": "none"}
        answer = requests.post(f"{site.op}/o/register/", json=metadata, timeout=30)
        self.client_id = answer.json()["client_id"]

    def ask(self, visitor, **more):
        """Send a browser to the provider, and return the parameters that it comes back with."""
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | more
        page = visitor.open(f"{self.site.op}/o/authorize/?{urlencode(parameters)}")
        if page.get_by_role("button", name="Allow").is_visible():
            page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{self.redirect_uri}**")
        answer = parse_qs(urlsplit(page.url).query)
        page.close()
        return {name: values[0] for name, values in answer.items()}

    def sign_in(self, visitor):
        code = self.ask(visitor)["code"]
        return self.token(grant_type="authorization_code", code=code, code_verifier=VERIFIER)

    def refresh(self, tokens):
        return self.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    def token(self, **parameters):
        data = {"client_id": self.client_id, "redirect_uri": self.redirect_uri} | parameters
        return requests.post(f"{self.site.op}/o/token/", data=data, timeout=30).json()


def claims_of(tokens):
    payload = tokens["id_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.fixture
def visitors(new_visitor):
    return new_visitor("same_site"), new_visitor("same_site")


def spa_of(visitor):
    """The single-page application of somebody who is signed in at the provider."""
    spa = Spa(visitor)
    spa.page.get_by_role("button", name="Sign in").click()
    visitor.allow_if_asked(spa.page, spa.page.locator("#sign-out:visible"))
    expect(spa.page.locator("#name")).to_contain_text("Alice")
    return spa


def test_logout_ends_one_browsers_session_and_nothing_else(visitors):
    here, there = visitors
    samples = [sample_page_of(visitor, "alice") for visitor in visitors]
    spas = [spa_of(visitor) for visitor in visitors]
    third = ThirdApplication(here.site)
    tokens_here, tokens_there = (third.sign_in(visitor) for visitor in visitors)
    assert claims_of(tokens_here)["sid"] != claims_of(tokens_there)["sid"]

    samples[0].page.get_by_role("button", name="Sign out").click()
    expect(samples[0].page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(spas[0].signed_out).to_be_visible()
    assert third.refresh(tokens_here)["error"] == "invalid_grant"
    assert third.ask(here, prompt="none")["error"] == "login_required"

    samples[1].expect_watch("unchanged")
    samples[1].expect_silent_authentications(0)
    expect(spas[1].signed_out).to_have_count(0)
    assert claims_of(third.refresh(tokens_there))["auth_time"] == claims_of(tokens_there)["auth_time"]
    assert third.ask(there, prompt="none")["code"]
