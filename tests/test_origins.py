import json
from pathlib import Path

import pytest

from oidc_session.origins import origin_of, same_site

VECTORS = json.loads(Path(__file__).with_name("session_state_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_origin_is_a_browsers(vector):
    assert origin_of(vector["redirect_uri"]) == vector["origin"]


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("https://rp.example:65536/cb", id="port too high"),
        pytest.param("https://rp.example:https/cb", id="port not a number"),
        pytest.param("https://rp.example:-1/cb", id="port below zero"),
        pytest.param("https://rp.example:٤٤٣/cb", id="port in other digits"),
        pytest.param("https://rp.example:1:2/cb", id="two ports"),
        pytest.param("https://[2001:db8::g]/cb", id="IPv6 with another letter"),
        pytest.param("https://[2001:db8]/cb", id="IPv6 too short"),
        pytest.param("https://[::1/cb", id="IPv6 without its closing bracket"),
        pytest.param("https://[::1]x/cb", id="IPv6 with something behind"),
        pytest.param("https://x[::1]/cb", id="IPv6 with something before"),
        pytest.param("https://[fe80::1%25eth0]/cb", id="IPv6 with a zone"),
        pytest.param("https://[v1.a]/cb", id="IP of the future"),
        pytest.param("https:///cb", id="empty host"),
        pytest.param("https://:443/cb", id="empty host with a port"),
        pytest.param("https://user@/cb", id="empty host with userinfo"),
        pytest.param("https://%C2%AD/cb", id="host of nothing visible"),
        pytest.param("https://%FF.example/cb", id="percent-encoded host that is not UTF-8"),
        pytest.param("https://rp%2Fexample/cb", id="percent-encoded slash in the host"),
        pytest.param("https://rp%20example/cb", id="percent-encoded space in the host"),
        pytest.param("https://rp example/cb", id="space in the host"),
        pytest.param("https://\ufffd.example/cb", id="IDN with a disallowed character"),
        pytest.param("https://℀.example/cb", id="IDN that hides a slash"),
        pytest.param(f"https://{'ü' * 10_000}.example/cb", id="IDN without end"),
        pytest.param("https://rp.example\\@other.example/cb", id="backslash"),
    ],
)
def test_uri_that_cannot_be_parsed_has_no_origin(uri):
    assert origin_of(uri) is None


@pytest.mark.parametrize(
    "uri",
    ["", "/cb", "//rp.example/cb", "rp.example", "ftp://rp.example/", "ws://rp.example/", "urn:ietf:wg:oauth:2.0:oob"],
)
def test_uri_of_no_web_page_has_no_origin(uri):
    assert origin_of(uri) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://rp.example", "https://rp.example"),
        ("https://op.example.com", "https://rp.example.com"),
        ("https://example.com", "https://a.b.example.com"),
        ("https://op.example.com:8443", "https://rp.example.com"),
        ("https://op.example.co.uk", "https://rp.example.co.uk"),
        ("https://op.example.de", "https://rp.example.de"),
        ("http://localhost:8000", "http://localhost:8001"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("http://[::1]:8000", "http://[::1]:8001"),
    ],
)
def test_one_site(one, other):
    assert same_site(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://op.example.com", "https://op.example.org"),
        ("https://op.example.com", "https://op.notexample.com"),
        ("https://rp.example.com", "http://rp.example.com"),
        ("https://one.co.uk", "https://two.co.uk"),
        ("http://localhost", "http://127.0.0.1"),
        ("http://127.0.0.1", "http://127.0.0.2"),
        ("http://10.1.0.1", "http://10.2.0.1"),
        ("http://[::1]", "http://[::2]"),
    ],
)
def test_two_sites(one, other):
    assert not same_site(one, other)
