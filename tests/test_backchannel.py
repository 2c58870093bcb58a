"""One attempt, over real sockets."""

import logging
import socket
import ssl
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import trustme
from django.utils import timezone
from joserfc import jwt

from oidc_session import backchannel, outbox, sessions
from oidc_session.models import EndReason, LogoutNotice
from tests.deliveries import dns_of_a_test  # noqa: F401 (a fixture)
from tests.notices import application_at, notice_of, session_of
from tests.receivers import Answers, Sends, SendsForever, hangs, hangs_after_request, receiver, resets
from tests.test_logout_token import published_keys

pytestmark = pytest.mark.django_db

Problem = LogoutNotice.Problem
METADATA = "http://169.254.169.254/latest/meta-data/"


@pytest.fixture(autouse=True)
def loopback(provider):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=0.5,
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"],
    )


@pytest.fixture
def claimed(alice):
    """Return a function that makes a notice to an address, ready for its attempt."""

    def claim(uri):
        application = application_at(uri)
        sessions.end(session_of(alice, application), EndReason.ADMIN)
        return outbox.claim([notice_of(application).pk])[0]

    return claim


def test_application_gets_a_token_of_its_session(claimed, alice, client):
    with receiver(Answers(200)) as rp:
        notice = claimed(f"{rp.url}?tenant=1%202")
        assert backchannel.attempt(notice)
    request = rp.requests[0]
    assert (request.method, request.target) == ("POST", "/backchannel-logout?tenant=1%202")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    claims = jwt.decode(request.fields["logout_token"], published_keys(client)).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("https://op.example/o", "rp-1", str(alice.pk))
    assert claims["sid"] == notice.rp_session.sid


def test_each_attempt_has_a_token_of_its_own(claimed):
    with receiver(Answers(503)) as rp:
        notice = claimed(rp.url)
        for _ in range(2):
            backchannel.attempt(notice)
    assert len({request.fields["logout_token"] for request in rp.requests}) == 2


YEAR = 365 * 24 * 3600
ANSWERS = {
    "200": (Answers(200), ("", 200, False)),
    "204": (Answers(204), ("", 204, False)),
    "201": (Answers(201), (Problem.ANSWER, 201, True)),
    "302": (Answers(302, {"Location": METADATA}), (Problem.ANSWER, 302, True)),
    "400": (Answers(400, body=b'{"error":"invalid_request"}'), (Problem.ANSWER, 400, True)),
    "400 for now": (Answers(400, {"Retry-After": "10"}), (Problem.ANSWER, 400, False)),
    "302 for now": (Answers(302, {"Location": METADATA, "Retry-After": "10"}), (Problem.ANSWER, 302, True)),
    "404": (Answers(404), (Problem.ANSWER, 404, True)),
    "429": (Answers(429, {"Retry-After": str(YEAR)}), (Problem.ANSWER, 429, False)),
    "500": (Answers(500), (Problem.ANSWER, 500, False)),
    "503": (Answers(503, {"Retry-After": "7"}), (Problem.ANSWER, 503, False)),
    "100 MB": (SendsForever(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", b"x" * 65536), ("", 200, False)),
    "byte by byte": (SendsForever(b"HTTP/1.1 200 OK\r\nX: ", b"x", every=0.01), (Problem.TIMEOUT, None, False)),
    "hangs": (hangs, (Problem.TIMEOUT, None, False)),
    "hangs after the request": (hangs_after_request, (Problem.TIMEOUT, None, False)),
    "resets": (resets, (Problem.CONNECTION, None, False)),
    "closes": (Sends(b"HTTP/1.1 200 OK\r\n"), (Problem.CONNECTION, None, False)),
    "no HTTP": (Sends(b"220 smtp.example ESMTP\r\n"), (Problem.CONNECTION, None, False)),
}


@pytest.mark.parametrize(("behaviour", "expected"), ANSWERS.values(), ids=list(ANSWERS))
def test_what_an_application_does_is_told_within_the_time(claimed, behaviour, expected):
    with receiver(behaviour) as rp:
        notice = claimed(rp.url)
        began = time.monotonic()
        outcome = backchannel.attempt(notice)
        assert time.monotonic() - began < 3
    assert (outcome.problem, outcome.status, outcome.is_final) == expected
    assert bool(outcome) == (expected[0] == "")


def test_retry_after_is_taken_along(claimed):
    with receiver(Answers(429, {"Retry-After": str(YEAR)})) as rp:
        assert backchannel.attempt(claimed(rp.url)).retry_after == YEAR


def test_nobody_there_is_told(claimed):
    with receiver(Answers(200)) as rp:
        uri = rp.url
    assert backchannel.attempt(claimed(uri)).problem == Problem.CONNECTION


def test_bad_certificate_is_told(claimed):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with receiver(Answers(200), tls=context) as rp:
        assert backchannel.attempt(claimed(rp.url)).problem == Problem.CERTIFICATE
    assert not rp.requests


def test_private_address_at_the_second_lookup_gets_nothing(claimed, provider, dns):
    provider(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=[])
    with receiver(Answers(200)) as rp:
        dns["rebinding.example"] = [["93.184.216.34"], [rp.address[0]]]
        assert socket.getaddrinfo("rebinding.example", rp.port)[0][4][0] == "93.184.216.34"
        notice = claimed(f"http://rebinding.example:{rp.port}/")
        assert backchannel.attempt(notice).problem == Problem.PRIVATE_ADDRESS
    assert (rp.connections, rp.requests) == (0, [])


def test_application_that_moved_is_told_at_its_new_address_alone(claimed):
    with receiver(Answers(200)) as before, receiver(Answers(200)) as now:
        notice = claimed(before.url)
        notice.application.logout_settings.backchannel_logout_uri = now.url
        notice.application.logout_settings.save()
        assert backchannel.attempt(notice)
    assert (len(before.requests), len(now.requests)) == (0, 1)


@pytest.mark.parametrize("uri", ["", "http://rp.example/#fragment", "ftp://rp.example/"])
def test_application_without_a_usable_uri_any_more_is_told_nothing(claimed, uri):
    with receiver(Answers(200)) as rp:
        notice = claimed(rp.url)
        notice.application.logout_settings.backchannel_logout_uri = uri
        assert backchannel.attempt(notice).problem == Problem.NO_URI
    assert not rp.requests


def test_deleted_application_is_told_nothing(claimed):
    with receiver(Answers(200)) as rp:
        notice = claimed(rp.url)
        notice.application.delete()
        again = LogoutNotice.objects.get(pk=notice.pk)
        assert (again.application, again.client_id) == (None, "rp-1")
        assert backchannel.attempt(again).problem == Problem.CLIENT_DELETED
    assert not rp.requests


def test_missing_key_leaves_the_application_untold_for_now(claimed, provider):
    with receiver(Answers(200)) as rp:
        notice = claimed(rp.url)
        provider(OIDC_RSA_PRIVATE_KEY="")
        outcome = backchannel.attempt(notice)
    assert (outcome.problem, outcome.is_final, rp.requests) == (Problem.NO_KEY, False, [])


def test_notice_that_waited_too_long_for_its_turn_is_left_to_others(claimed):
    with receiver(Answers(200)) as rp:
        notice = claimed(rp.url)
        notice.next_attempt_at = timezone.now() + timedelta(seconds=0.4)
        outcome = backchannel.attempt(notice)
    assert (outcome.was_tried, rp.requests) == (False, [])


def test_error_of_our_own_is_logged_and_is_no_end(claimed, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError

    notice = claimed("https://rp.example/")
    monkeypatch.setattr(backchannel, "post_form", fail)
    outcome = backchannel.attempt(notice)
    assert (outcome.problem, outcome.is_final) == (Problem.INTERNAL, False)
    assert "client_id=rp-1" in caplog.text


def test_log_holds_neither_address_nor_token(claimed, caplog):
    caplog.set_level(logging.DEBUG)
    with receiver(Answers(500)) as rp:
        backchannel.attempt(claimed(f"{rp.url}?key=secret"))
    assert urlsplit(rp.url).path not in caplog.text
    assert "secret" not in caplog.text
    assert rp.requests[0].fields["logout_token"] not in caplog.text
