"""Front-Channel Logout 1.0: in a frame of the provider's, with and without cookies."""

import pytest
from django.utils.http import urlencode

from tests.rp.browser import Browser

ADDRESS = "/oidc/demo/frontchannel-logout/"
FRAME = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def alice_s(browser, op):
    """A browser in which Alice is signed in by the provider's session "s1"."""
    op.claims = {"sid": "s1"}
    browser.sign_in()
    return browser


@pytest.fixture
def full_site(settings):
    """A site with what may stand in the way: of frames, and of who is not signed in."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]


def frame(browser, **parameters):
    return browser.get(f"{ADDRESS}?{urlencode(parameters, doseq=True)}", headers=FRAME)


def is_signed_in(browser):
    return browser.status()["state"] == "active"


@pytest.mark.parametrize("store", ["database", "cache"])
def test_logout_without_cookies_ends_the_session(full_site, browser, op, rp, store):
    rp(store=store)
    op.claims = {"sid": "s1"}
    browser.sign_in()
    response = frame(Browser(op), iss=op.url, sid="s1")
    assert (response.status_code, response.content) == (200, b"")
    assert not is_signed_in(browser)


def test_document_may_be_in_frames_of_the_provider_alone(full_site, op, client, db):
    response = frame(client, iss=op.url, sid="s1")
    assert response["Content-Security-Policy"] == f"default-src 'none'; frame-ancestors {op.url}"
    assert "X-Frame-Options" not in response
    assert "no-store" in response["Cache-Control"]


def test_origin_of_an_issuer_with_a_path(full_site, rp, client, db):
    rp({"issuer": "https://op.example:8443/tenant"})
    policy = frame(client, iss="https://op.example:8443/tenant", sid="s1")["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://op.example:8443")


def test_cookie_that_comes_along_is_cleared(alice_s, op):
    alice_s.get("/keep/")
    frame(alice_s, iss=op.url, sid="s1")
    assert alice_s.cookies["oidc_rp_demo"].value == ""
    assert alice_s.get("/kept/").content == b"False"


def test_cookie_of_another_session_is_left_alone(alice_s, op):
    alice_s.get("/keep/")
    response = frame(alice_s, iss=op.url, sid="s2")
    assert response.status_code == 200
    assert not response.cookies
    assert is_signed_in(alice_s)
    assert alice_s.get("/kept/").content == b"True"


def test_without_parameters_the_browser_s_own_session_ends(alice_s):
    assert frame(alice_s).status_code == 200
    assert alice_s.cookies["oidc_rp_demo"].value == ""
    assert not is_signed_in(alice_s)


@pytest.mark.parametrize("dest", ["document", "image", ""])
def test_link_without_parameters_signs_nobody_out(alice_s, dest):
    assert alice_s.get(ADDRESS, headers={"Sec-Fetch-Dest": dest}).status_code == 200
    assert is_signed_in(alice_s)


@pytest.mark.parametrize(
    "parameters",
    [
        {"iss": None},
        {"sid": None},
        {"iss": "https://evil.example"},
        {"iss": ["https://evil.example", "{op}"]},
        {"sid": ["s2", "s1"]},
        {"sid": ""},
        {"iss": ""},
        {"iss": "", "sid": ""},
        {"iss": "{op}/"},
    ],
    ids=str,
)
def test_parameters_that_do_not_hold_end_nothing(alice_s, op, parameters, caplog):
    sent = {name: value for name, value in ({"iss": "{op}", "sid": "s1"} | parameters).items() if value is not None}
    response = alice_s.get(f"{ADDRESS}?{urlencode(sent, doseq=True).replace('%7Bop%7D', op.url)}", headers=FRAME)
    assert (response.status_code, response.content) == (400, b"")
    assert is_signed_in(alice_s)
    assert "Front-channel logout refused provider=demo" in caplog.text


def test_nobody_signed_in_is_fine_and_starts_no_login(full_site, browser, op):
    for parameters in ({}, {"iss": op.url, "sid": "unknown"}):
        assert frame(browser, **parameters).status_code == 200


def test_expired_session_is_not_refreshed_for_it(alice_s, op):
    alice_s.change(expires_at=1)
    asked = len(op.asked("/token"))
    frame(alice_s, iss=op.url, sid="s1")
    assert len(op.asked("/token")) == asked
    assert not is_signed_in(alice_s)


def test_other_methods_are_not_allowed(client, db):
    response = client.post(ADDRESS)
    assert response.status_code == 405
    assert "no-store" in response["Cache-Control"]


def test_unknown_provider_is_not_found(client, db):
    assert client.get("/oidc/unknown/frontchannel-logout/").status_code == 404
