"""No address of another site passes, however it is written."""

import pytest

from oidc_session.rp.return_to import safe_path

EVIL = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "/\x1f/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:\\\\evil.example",
    "http://testserver/",
    "http://testserver@evil.example/",
    "//testserver@evil.example/",
    "//user:password@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5C/evil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example",
    "/\uff0fevil.example",
    "\uff0f\uff0fevil.example",
    "/\u2044evil.example",
    "/\u2215evil.example",
    "/\uff3cevil.example",
    "/%ef%bc%8fevil.example",
    "/\u200b/evil.example",
    "/\u2028/evil.example",
    "/\ud800",
    "evil.example",
    "evil.example/path",
    "?next=x",
    "#x",
    ".",
    "http://[",
    "//[",
    "/" + "x" * 2000,
]


@pytest.mark.parametrize("address", EVIL, ids=ascii)
def test_no_address_of_another_site_passes(address, caplog):
    assert safe_path(address) == "/"
    assert "Return address refused reason=" in caplog.text
    assert "evil" not in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/members/",
        "/members/?a=1&b=2#part",
        "/search?q=https://other.example//x",
        "/search?next=%2F%2Fother.example",
        "/search?q=%0a",
        "/a//b",
        "/a/%2f/b",
        "/user@host",
        "/stra%C3%9Fe/",
        "/a:b",
        "/%20",
        "/%",
    ],
)
def test_path_of_this_site_passes_as_it_is(path, caplog):
    assert safe_path(path) == path
    assert caplog.text == ""


def test_path_in_another_script_is_encoded():
    assert safe_path("/straße/") == "/stra%C3%9Fe/"


@pytest.mark.parametrize("name", ["login", "callback", "logout", "refresh"])
def test_our_own_views_are_no_place_to_go_to(name):
    assert safe_path(f"/oidc/demo/{name}/?next=/members/") == "/"


def test_nothing_leads_home_without_a_word(rp, caplog):
    rp(home="/start/")
    assert safe_path("") == "/start/"
    assert caplog.text == ""


def test_site_below_a_prefix(settings):
    from django.urls import set_script_prefix

    set_script_prefix("/below/")
    try:
        assert safe_path("/below/oidc/demo/login/") == "/"
        assert safe_path("/below/members/") == "/below/members/"
    finally:
        set_script_prefix("/")
