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
    "https://testserver/",
    "http://testserver:81/",
    "http://testserver:80/",
    "ftp://testserver/",
    "//testserver/",
    "//testserver.evil.example/",
    "http://www.testserver/",
    "http://testserver@evil.example/",
    "https://testserver:80@evil.example/",
    "https://testserver%40evil.example/",
    "http://testserver\\@evil.example/",
    "https://evil.example\\@testserver/",
    "https://evil.example#@testserver/",
    "//testserver@evil.example/",
    "//user:password@evil.example",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "HtTp:\\evil.example",
    "//evil.example/..",
    "//[::1]/",
    "//2130706433/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "java%0ascript:alert(1)",
    "javascript://testserver/%0aalert(1)",
    "javascript%3aalert(1)",
    "vbscript:x",
    "data:text/html,x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "blob:http://testserver/x",
    "file:///etc/passwd",
    "mailto:evil@evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5C/evil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%" + "25" * 900 + "2fevil.example",
    "%2f/evil.example",
    "%2F%2Fevil.example",
    "%5c%5cevil.example",
    "%252f%252fevil.example",
    "/%2f%2fevil.example",
    "/%5c%2fevil.example",
    "%68ttps://evil.example",
    "https%3a%2f%2fevil.example",
    "/\\/evil.example",
    "/\t\\evil.example",
    "/\r/evil.example",
    "/\v/evil.example",
    "/\f/evil.example",
    "/\x00/evil.example",
    "/\x7f/evil.example",
    "/\x85/evil.example",
    "/\t/\t/evil.example",
    "\n//evil.example",
    "\u00a0//evil.example",
    "\u3000//evil.example",
    "\ufeff//evil.example",
    "/%00/evil.example",
    "/%0a/evil.example",
    "/%0d/evil.example",
    "/%2509/evil.example",
    "%09//evil.example",
    "/%e2%80%8b/evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example",
    "/\uff0fevil.example",
    "\uff0f\uff0fevil.example",
    "/\u2044evil.example",
    "/\u2215evil.example",
    "/\u29f8evil.example",
    "/\u29f9evil.example",
    "/\u2571evil.example",
    "/\u2216evil.example",
    "/\ufe68evil.example",
    "\u2215\u2215evil.example",
    "\u2044/evil.example",
    "/%e2%81%84evil.example",
    "/%e2%88%95evil.example",
    "/%e2%a7%b8evil.example",
    "/%25e2%2588%2595evil.example",
    "\uff48ttps://evil.example",
    "https\uff1a//evil.example",
    "https://evil\u3002example",
    "/\u202e/evil.example",
    "/\u00ad/evil.example",
    "/\u2060/evil.example",
    "/\uff3cevil.example",
    "/%ef%bc%8fevil.example",
    "/\u200b/evil.example",
    "/\u2028/evil.example",
    "evil.example",
    "evil.example/path",
    "?next=x",
    "#x",
    ".",
    "http://[",
    "//[",
    "/" + "x" * 2000,
    "https://evil.example/" + "x" * 100_000,
]


@pytest.mark.parametrize("address", [*EVIL, "/\ud800"], ids=lambda address: ascii(address)[:60])
def test_no_address_of_another_site_passes(address, caplog):
    assert safe_path(address) == "/"
    assert "Return address refused reason=" in caplog.text
    assert "evil" not in caplog.text


def test_login_leads_home_from_all_of_them(browser, caplog):
    for address in EVIL:
        caplog.clear()
        assert browser.sign_in(next=address)["Location"] == "/", ascii(address)
        assert "Return address refused reason=" in caplog.text


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
