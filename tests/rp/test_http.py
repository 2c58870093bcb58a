import socket
import time

import pytest

from oidc_session.rp.conf import Provider
from oidc_session.rp.exceptions import ProviderUnavailable
from oidc_session.rp.http import call, fetch, may_call
from tests.rp.provider import Answer

PATH = "/jwks"


@pytest.fixture
def ask(op, demo):
    """Return what asks the provider, after it was told what to answer."""

    def ask(answer, function=fetch, **kwargs):
        op.answers[PATH] = answer
        method = () if function is fetch else ("GET",)
        return function(demo(), *method, op.url + PATH, **kwargs)

    return ask


def test_json_object_is_the_answer(ask):
    assert ask(Answer({"a": 1})) == {"a": 1}


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"text"', "[" * 100_000, b"\xff".decode("latin-1")])
def test_something_else_than_an_object_is_none(ask, body):
    assert ask(Answer(body), call).body is None
    with pytest.raises(ProviderUnavailable):
        ask(Answer(body))


@pytest.mark.parametrize("status", [201, 302, 400, 404, 500, 503])
def test_another_status_is_no_success(ask, status):
    with pytest.raises(ProviderUnavailable, match=str(status)):
        ask(Answer({}, status))


def test_redirect_is_not_followed(ask, op):
    ask(Answer({}, 302, {"Location": op.url + "/userinfo"}), call)
    assert not op.asked("/userinfo")


@pytest.mark.parametrize(
    ("status", "body", "momentary"), [(429, {}, True), (500, {}, True), (400, {}, False), (400, "", True)]
)
def test_momentary_failures_are_known(ask, status, body, momentary):
    assert ask(Answer(body, status), call).is_momentary_failure == momentary


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("100000", 60), ("", 0), ("soon", 0), ("-1", 0), ("\xb2", 0)]
)
def test_retry_after_is_heeded_within_reason(ask, header, seconds):
    assert ask(Answer({}, 503, {"Retry-After": header}), call).retry_after == seconds


def test_too_long_an_answer_is_none(ask, rp):
    rp(response_limit=1000)
    with pytest.raises(ProviderUnavailable):
        ask(Answer({"a": "x" * 1000}))


def test_slow_answer_is_none(ask, rp):
    rp(read_timeout=0.1)
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        ask(Answer({}, wait=lambda handler: handler.rfile.read(1)))


def drip(handler):
    """Send a byte now and then, so that no single read is slow, until the other side has gone."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.02)


def test_answer_that_drips_is_none(ask, rp):
    rp(read_timeout=0.2, connect_timeout=0.1)
    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        ask(Answer(wait=drip))


def test_nobody_at_home(rp, demo):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(ProviderUnavailable, match="ConnectionError"):
        fetch(demo(), address)


def test_connection_that_breaks(ask):
    with pytest.raises(ProviderUnavailable):
        ask(Answer(wait=lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)))


def test_broken_body(ask):
    with pytest.raises(ProviderUnavailable):
        ask(Answer({}, headers={"Content-Length": "1000"}))


def test_passwords_of_netrc_are_not_sent(ask, op, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask(Answer({}))
    assert "Authorization" not in op.asked(PATH)[0].headers


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://op.example/x", True),
        ("http://op.example/x", False),
        ("http://localhost:1/", True),
        ("http://127.0.0.2/", True),
        ("http://[::1]/", True),
        ("http://localhost.evil.example/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("https://", False),
        ("http://[", False),
        ("file:///etc/passwd", False),
        ("//op.example", False),
        ("", False),
    ],
)
def test_only_https_and_loopback_may_be_called(url, may):
    assert may_call(url, Provider("demo", "https://op.example", "rp")) == may


def test_plain_http_may_be_allowed():
    provider = Provider("demo", "http://op", "rp", allow_http=True)
    assert may_call("http://op/jwks", provider)
    assert not may_call("ftp://op/jwks", provider)


def test_forbidden_url_is_not_asked():
    with pytest.raises(ProviderUnavailable, match="not on https"):
        fetch(Provider("demo", "http://op.example", "rp"), "http://op.example/jwks")
