"""The guarded client and TLS: certificates, and servers that misuse the protocol."""

import datetime
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from oidc_session import tls_connection
from oidc_session.exceptions import InvalidCertificate, NoAnswerInTime, NoConnection
from oidc_session.guarded_http import Answer
from tests.deliveries import MAP, dns_of_a_test, fails, loopback_is_allowed, post  # noqa: F401 (fixtures)
from tests.receivers import Answers, Sends, SendsForever, hangs, hangs_after_request, receiver, resets

pytestmark = pytest.mark.usefixtures("loopback_is_allowed")

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
FORKS_WHILE_A_CONTEXT_IS_MADE = """
import os
from oidc_session import tls_connection
with tls_connection._lock:
    child = os.fork()
    if child == 0:
        tls_connection.context()
        os._exit(0)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(autouse=True)
def authority_is_trusted(authority, monkeypatch, tmp_path):
    """Trust an authority as an operator would, by the environment."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls_connection._make_context.cache_clear()
    yield
    tls_connection._make_context.cache_clear()


@pytest.fixture(autouse=True)
def names(dns):
    dns |= {name: [["127.0.0.1"]] for name in ("rp.example", "rp.example.", "shop", "127.0.0.1")}


@pytest.fixture
def tls(authority):
    return server_context(authority.issue_cert("rp.example"))


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def url_of(rp, host="rp.example"):
    return f"https://{host}:{rp.port}/backchannel-logout?query"


def test_form_arrives_encrypted(tls):
    names = []
    tls.sni_callback = lambda connection, name, context: names.append(name)
    with receiver(Answers(204), tls=tls) as rp:
        assert post(url_of(rp)) == Answer(204)
    assert [request.fields for request in rp.requests] == [{"logout_token": "header.claims.signature"}]
    assert names == ["rp.example"]


def test_long_form_arrives_encrypted(tls):
    with receiver(Answers(200), tls=tls) as rp:
        assert post(url_of(rp), fields={"logout_token": "x" * 200_000})
    assert len(rp.requests[0].fields["logout_token"]) == 200_000


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(version, tls):
    tls.minimum_version = tls.maximum_version = version
    with receiver(Answers(200), tls=tls) as rp:
        assert post(url_of(rp))


def test_name_may_have_a_trailing_dot(tls):
    with receiver(Answers(200), tls=tls) as rp:
        assert post(url_of(rp, "rp.example."))


def test_certificate_may_be_an_addresses(authority):
    with receiver(Answers(200), tls=server_context(authority.issue_cert("127.0.0.1"))) as rp:
        assert post(url_of(rp, "127.0.0.1"))


def test_certificate_of_another_name(authority):
    with receiver(Answers(200), tls=server_context(authority.issue_cert("other.example"))) as rp:
        assert fails(InvalidCertificate, url_of(rp))
    assert rp.requests == []


def test_certificate_that_has_expired(authority):
    with receiver(Answers(200), tls=server_context(authority.issue_cert("rp.example", not_after=PAST))) as rp:
        assert fails(InvalidCertificate, url_of(rp))
    assert rp.requests == []


def test_certificate_of_another_authority():
    with receiver(Answers(200), tls=server_context(trustme.CA().issue_cert("rp.example"))) as rp:
        assert fails(InvalidCertificate, url_of(rp))
    assert rp.requests == []


def test_certificate_that_signs_itself(tmp_path):
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (tmp_path / "own.pem").write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    tls.load_cert_chain(tmp_path / "own.pem")
    with receiver(Answers(200), tls=tls) as rp:
        assert fails(InvalidCertificate, url_of(rp))
    assert rp.requests == []


def test_mapped_host_shows_the_certificate_of_the_public_name(tls, provider):
    with receiver(Answers(200), tls=tls) as rp:
        provider(**{MAP: {"https://rp.example": f"https://shop:{rp.port}", "https://other.example": rp.origin}})
        assert post("https://rp.example/")
        assert fails(InvalidCertificate, "https://other.example/")
    assert [request.headers["Host"] for request in rp.requests] == ["rp.example"]


def speaks_plain_http(peer):
    peer.connection.recv(1)
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_plain_http_where_tls_was_expected():
    with receiver(speaks_plain_http, scheme="https") as rp:
        assert fails(NoConnection, url_of(rp))


def test_tls_where_plain_http_was_expected(tls):
    with receiver(Answers(200), tls=tls, scheme="http") as rp:
        assert fails(NoConnection, rp.url)
    assert rp.requests == []


def test_server_that_wants_a_certificate_of_ours(tls):
    tls.verify_mode = ssl.CERT_REQUIRED
    with receiver(Answers(200), tls=tls) as rp:
        assert fails(NoConnection, url_of(rp))


def drips_handshake(peer):
    """Announce a message of 16 kB, and never come to its end."""
    peer.send_each([b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", *[b"\0"] * 10_000], every=0.01)


def floods_handshake(peer):
    """Send TLS records of warnings without end."""
    peer.send_each([b"\x15\x03\x03\x00\x02\x01\x5a" * 1000] * 1000)


@pytest.mark.parametrize("behaviour", [hangs, drips_handshake])
def test_slow_handshake_is_none(behaviour):
    with receiver(behaviour, scheme="https") as rp:
        assert fails(NoAnswerInTime, url_of(rp))


def test_endless_handshake_is_none():
    with receiver(floods_handshake, scheme="https") as rp:
        assert fails(NoConnection, url_of(rp))


def test_endless_session_tickets_are_no_answer(tls):
    """OpenSSL reads them by itself, and would not come back from one read."""
    tls.num_tickets = 1_000_000
    with receiver(Answers(200), tls=tls) as rp:
        assert fails(NoConnection, url_of(rp))
    assert rp.requests == []


@pytest.mark.parametrize(
    "behaviour",
    [hangs_after_request, SendsForever(b"HTTP/1.1 200 OK\r\nX: ", b"x", every=0.01), Answers(200, after=30)],
)
def test_slow_encrypted_answer_is_none(behaviour, tls):
    with receiver(behaviour, tls=tls) as rp:
        assert fails(NoAnswerInTime, url_of(rp))


def says_goodbye(peer):
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\n")
    peer.connection.unwrap()


@pytest.mark.parametrize("behaviour", [Sends(b"HTTP/1.1 200 OK\r\n"), Sends(b"Hello\r\n"), resets, says_goodbye])
def test_malformed_encrypted_answer_is_none(behaviour, tls):
    with receiver(behaviour, tls=tls) as rp:
        assert fails(NoConnection, url_of(rp))


def test_body_of_an_encrypted_answer_is_not_read(tls):
    with receiver(SendsForever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000), tls=tls) as rp:
        assert post(url_of(rp))


def test_one_context_serves_all_threads(tls, monkeypatch):
    made = []
    make = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(make()) or made[-1])
    with receiver(Answers(200), tls=tls) as rp, ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda _: post(url_of(rp)), range(20)))
    assert len(made) == 1


def test_process_forked_while_a_context_is_made_makes_its_own():
    subprocess.run([sys.executable, "-c", FORKS_WHILE_A_CONTEXT_IS_MADE], check=True, timeout=60)
    with tls_connection._lock:
        tls_connection._renew_lock()
        assert tls_connection.context()
