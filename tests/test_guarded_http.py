"""The guarded client against real sockets: each outcome, and that none takes longer than its deadline."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.utils import formatdate
from urllib.parse import urlencode

import pytest

from oidc_session import __version__
from oidc_session.exceptions import NoAnswerInTime, NoConnection
from oidc_session.guarded_http import Answer, reach
from tests.deliveries import FIELDS, SECRET, fails, loopback_is_allowed, post  # noqa: F401 (a fixture)
from tests.receivers import Answers, Sends, SendsForever, hangs, hangs_after_request, receiver, resets

HEAD = b"HTTP/1.1 200 OK\r\n"

pytestmark = pytest.mark.usefixtures("loopback_is_allowed")


def test_form_arrives():
    with receiver(Answers(200)) as rp:
        assert post(rp.url) == Answer(200)
        (request,) = rp.requests
    assert (request.method, request.target) == ("POST", "/backchannel-logout")
    assert request.body == urlencode(FIELDS).encode()
    assert dict(request.headers) == {
        "Host": f"127.0.0.1:{rp.port}",
        "User-Agent": f"django-oidc-session/{__version__}",
        "Accept": "*/*",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(request.body)),
        "Connection": "close",
    }


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("", "/"),
        ("/", "/"),
        ("?tenant=1", "/?tenant=1"),
        ("/a%20b/c?d=%C3%A9&e=f+g", "/a%20b/c?d=%C3%A9&e=f+g"),
        ("/é x\r\nEvil: 1", "/%C3%A9%20xEvil:%201"),
        ("/a\x0bb\x7f", "/a%0Bb%7F"),
        ("/a#fragment", "/a"),
    ],
)
def test_target_is_the_path_and_query_of_the_url(rest, target):
    with receiver(Answers(200)) as rp:
        assert post(f"{rp.origin}{rest}")
        (request,) = rp.requests
    assert request.target == target
    assert "Evil" not in request.headers


def test_name_and_password_in_the_url_are_not_sent():
    with receiver(Answers(200)) as rp:
        assert post(rp.url.replace("//", "//alice:query@"))
        (request,) = rp.requests
    assert request.headers["Host"] == f"127.0.0.1:{rp.port}"
    assert "Authorization" not in request.headers


def test_who_is_only_to_be_reached_is_sent_nothing():
    with receiver(Answers(200)) as rp:
        reach(rp.url, 5)
    assert rp.connections == 1
    assert rp.requests == []


def test_connection_ends_with_the_answer():
    with receiver(Answers(200)) as rp:
        assert post(rp.url)
        assert post(rp.url)
    assert rp.connections == 2


@pytest.mark.parametrize("status", [200, 204])
def test_success_is_true(status):
    with receiver(Answers(status)) as rp:
        assert post(rp.url)


@pytest.mark.parametrize("status", [201, 301, 400, 404, 429, 500, 501, 503, 599])
def test_other_answers_are_false(status):
    with receiver(Answers(status)) as rp:
        answer = post(rp.url)
    assert answer == Answer(status)
    assert not answer


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("31536000", 31536000),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
        ("-1", None),
        ("1.5", None),
        ("1e3", None),
        ("inf", None),
        ("\xb2", None),
        ("9" * 5000, None),
        ("soon", None),
        ("", None),
        ("Thu, 99 Jan 2099 00:00:00 GMT", None),
        ("Thu, 01 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after(value, seconds):
    with receiver(Answers(429, {"Retry-After": value})) as rp:
        assert post(rp.url) == Answer(429, seconds)


def test_retry_after_may_be_a_date():
    with receiver(Answers(503, {"Retry-After": formatdate(time.time() + 3600, usegmt=True)})) as rp:
        answer = post(rp.url)
    assert 3590 < answer.retry_after <= 3600


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.0 204 No Content\n\n",
        b"HTTP/1.1 204\r\n\r\n",
        b"HTTP/1.1 204 \r\nno colon\r\n: no name\r\n\r\n",
        b"HTTP/1.1 204 \xff\xfe\r\nX: \xff\r\n\r\n",
    ],
)
def test_unusual_answers_are_understood(answer):
    with receiver(Sends(answer)) as rp:
        assert post(rp.url) == Answer(204)


def test_answer_may_come_in_pieces():
    with receiver(Sends(*(bytes([byte]) for byte in b"HTTP/1.1 429 Slowly\r\nRetry-After: 7\r\n\r\n"))) as rp:
        assert post(rp.url) == Answer(429, 7)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Answers(200, body=b"x" * 100_000_000), id="100 MB"),
        pytest.param(SendsForever(HEAD + b"\r\n", b"x" * 100_000), id="endless"),
        pytest.param(SendsForever(HEAD + b"\r\n", b"x", every=0.01), id="endless drip"),
        pytest.param(SendsForever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="endless chunks"),
        pytest.param(Answers(200, {"Content-Length": "1000"}), id="missing"),
        pytest.param(Answers(200, {"Content-Encoding": "gzip", "Content-Length": "-1"}, b"\0"), id="nonsense"),
    ],
)
def test_body_is_not_read(behaviour):
    with receiver(behaviour) as rp:
        assert post(rp.url) == Answer(200)


def test_long_body_is_cut_off():
    with receiver(Answers(200, body=b"x" * 100_000_000)) as rp:
        assert post(rp.url)
    assert len(rp.broken) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(hangs, id="nothing is read"),
        pytest.param(hangs_after_request, id="nothing is answered"),
        pytest.param(Answers(200, after=30), id="slow"),
        pytest.param(SendsForever(b"", b"H", every=30), id="one byte"),
        pytest.param(SendsForever(b"HTTP/1.1 200 ", b"x", every=0.01), id="status line drips"),
        pytest.param(SendsForever(HEAD + b"X: ", b"x", every=0.01), id="header drips"),
        pytest.param(SendsForever(HEAD, b"X: y\r\n", every=0.01), id="headers drip"),
        pytest.param(SendsForever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0.1), id="interim answers drip"),
        pytest.param(Sends(b"HTTP/1.1 100 Continue\r\n\r\n", b"", every=30), id="interim answer alone"),
    ],
)
def test_slow_answer_is_none(behaviour):
    with receiver(behaviour) as rp:
        assert fails(NoAnswerInTime, rp.url)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Sends(), id="closed before the answer"),
        pytest.param(resets, id="reset before the answer"),
        pytest.param(Sends(b"HTTP/1.1 2"), id="closed in the status line"),
        pytest.param(Sends(HEAD), id="closed before the headers"),
        pytest.param(Sends(HEAD + b"Content-Le"), id="closed in a header"),
        pytest.param(Sends(HEAD + b"Content-Length: 0\r\n"), id="closed before the last header"),
        pytest.param(Sends(b"HTTP/1.1 100 Continue\r\n\r\n"), id="closed after an interim answer"),
        pytest.param(Sends(f"You sent {SECRET}\r\n".encode()), id="not HTTP"),
        pytest.param(Sends(f"HTTP/1.1 200{SECRET}\r\n\r\n".encode()), id="no status"),
        pytest.param(Sends(b"HTTP/1.1 099 Low\r\n\r\n"), id="status too low"),
        pytest.param(Sends(b"HTTP/1.1 2000 High\r\n\r\n"), id="status too high"),
        pytest.param(Sends(b"HTTP/1.1 -20 Odd\r\n\r\n"), id="status below zero"),
        pytest.param(Sends(b"HTTP/2 200\r\n\r\n"), id="HTTP/2"),
        pytest.param(Sends(b"<html>HTTP/0.9</html>\n"), id="HTTP/0.9"),
        pytest.param(Sends(b"\r\n" * 100), id="empty lines"),
        pytest.param(Sends(b"\x15\x03\x03\x00\x02\x02\x46\n"), id="TLS alert"),
        pytest.param(Sends(b"HTTP/1.1 100 Continue\r\n\r\n" * 10 + HEAD + b"\r\n"), id="many interim answers"),
        pytest.param(SendsForever(b"", b"\0" * 10_000), id="endless zeros"),
        pytest.param(SendsForever(b"HTTP/1.1 200 ", b"x" * 10_000), id="endless status line"),
        pytest.param(SendsForever(HEAD + b"X: ", b"x" * 10_000), id="endless header"),
        pytest.param(SendsForever(HEAD, b"X: y\r\n" * 1000), id="endless headers"),
        pytest.param(SendsForever(HEAD, b"X: " + b"y" * 60_000 + b"\r\n"), id="few huge headers"),
        pytest.param(SendsForever(b"", b"HTTP/1.1 100 Go on\r\n\r\n" * 1000), id="endless interim answers"),
    ],
)
def test_malformed_answer_is_none(behaviour):
    with receiver(behaviour) as rp:
        assert fails(NoConnection, rp.url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    with receiver(Answers(200)) as elsewhere:
        with receiver(Answers(status, {"Location": elsewhere.url, "Set-Cookie": "a=b"})) as rp:
            assert post(rp.url) == Answer(status)
            assert post(rp.url) == Answer(status)
        assert [request.headers["Cookie"] for request in rp.requests] == [None, None]
    assert elsewhere.connections == 0


def test_redirect_to_metadata_is_not_followed():
    with receiver(Answers(302, {"Location": "http://169.254.169.254/latest/meta-data/"})) as rp:
        assert post(rp.url) == Answer(302)


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with receiver(Answers(500)) as proxy, receiver(Answers(200)) as rp:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        assert post(rp.url)
    assert proxy.connections == 0


def test_fifty_requests_go_out_together():
    """Each receiver takes its time, and all together take little more."""
    with ExitStack() as stack, ThreadPoolExecutor(50) as pool:
        rps = [stack.enter_context(receiver(Answers(204, after=0.2))) for _ in range(50)]
        began = time.monotonic()
        answers = list(pool.map(lambda rp: post(rp.url), rps))
        assert time.monotonic() - began < 2
    assert answers == [Answer(204)] * 50
    assert [len(rp.requests) for rp in rps] == [1] * 50


def test_hostile_receivers_do_not_hold_up_the_others():
    with ExitStack() as stack, ThreadPoolExecutor(50) as pool:
        hostile = [stack.enter_context(receiver(hangs)) for _ in range(40)]
        good = [stack.enter_context(receiver(Answers(200))) for _ in range(10)]
        failing = [pool.submit(fails, NoAnswerInTime, rp.url, seconds=1) for rp in hostile]
        assert all(pool.map(lambda rp: post(rp.url), good))
        assert all(future.result() for future in failing)
