"""What the guarded client connects to, and when: real sockets, and a DNS that says what a test wants."""

import socket
import time
from contextlib import ExitStack
from threading import Event

import pytest

from oidc_session.deadline_connection import Deadline, DeadlineConnection
from oidc_session.exceptions import NoAnswerInTime, NoConnection, PrivateAddress
from oidc_session.guarded_http import Answer
from tests.deliveries import ALLOWED, MAP, SECONDS, dns_of_a_test, fails, loopback_is_allowed, post  # noqa: F401 (fixtures)
from tests.receivers import Answers, receiver

pytestmark = pytest.mark.usefixtures("loopback_is_allowed")


def test_private_address_is_not_connected_to(provider):
    provider(**{ALLOWED: []})
    with receiver(Answers(200)) as rp:
        assert fails(PrivateAddress, rp.url)
        assert fails(PrivateAddress, f"http://127.1:{rp.port}/")
        assert fails(PrivateAddress, f"http://2130706433:{rp.port}/")
        assert fails(PrivateAddress, f"http://localhost:{rp.port}/")
        assert fails(PrivateAddress, f"http://[::ffff:127.0.0.1]:{rp.port}/")
    assert rp.connections == 0


def test_name_of_a_private_address_is_not_connected_to(provider, dns):
    provider(**{ALLOWED: ["*.internal"]})
    dns["rp.example"] = [["127.0.0.1"]]
    dns["metadata.internal"] = [["169.254.169.254"]]
    with receiver(Answers(200)) as rp:
        assert fails(PrivateAddress, f"http://rp.example:{rp.port}/")
    assert rp.connections == 0
    assert fails(PrivateAddress, "http://metadata.internal/")


def test_refusal_says_how_to_allow_it(provider, dns):
    provider(**{ALLOWED: []})
    dns["rp.example"] = [["10.0.0.5"]]
    with pytest.raises(PrivateAddress, match=f"^rp.example is at 10.0.0.5: {ALLOWED} must have it$"):
        post("http://rp.example/backchannel-logout?query")


def test_allowed_name_is_connected_to(provider, dns):
    provider(**{ALLOWED: ["*.internal"]})
    dns["rp.internal"] = [["127.0.0.1"]]
    with receiver(Answers(200)) as rp:
        assert post(f"http://rp.internal:{rp.port}/")
    assert rp.requests[0].headers["Host"] == f"rp.internal:{rp.port}"


def test_second_answer_of_dns_changes_nothing(provider, dns):
    """127.0.0.1 stands for a public address here, and 127.0.0.2 for a private one."""
    provider(**{ALLOWED: ["127.0.0.1"]})
    dns["rp.example"] = [["127.0.0.1"], ["127.0.0.2"]]
    with receiver(Answers(500), host="127.0.0.2") as private, receiver(Answers(200)) as rp:
        dns[f"rp{private.port}.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        assert post(f"http://rp.example:{rp.port}/") == Answer(200)
        assert fails(NoConnection, f"http://rp{private.port}.example:{private.port}/")
        assert fails(PrivateAddress, f"http://rp{private.port}.example:{private.port}/")
    assert private.connections == 0


def test_only_permitted_addresses_of_a_name_are_tried(provider, dns):
    provider(**{ALLOWED: ["127.0.0.1"]})
    with receiver(Answers(500), host="127.0.0.2") as private:
        dns["rp.example"] = [["127.0.0.2", "127.0.0.1"]]
        assert fails(NoConnection, f"http://rp.example:{private.port}/")
    assert private.connections == 0


def test_next_address_is_tried(provider, dns):
    provider(**{ALLOWED: ["127.0.0.0/8", "::1"]})
    dns["rp.example"] = [["::1", "127.0.0.2", "127.0.0.1"]]
    with receiver(Answers(200)) as rp:
        assert post(f"http://rp.example:{rp.port}/")


@pytest.fixture
def full_port():
    """A port at 127.0.0.2 that answers no attempt to connect: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.2", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def test_connecting_takes_no_longer_than_the_deadline(full_port):
    assert fails(NoAnswerInTime, f"http://127.0.0.2:{full_port}/")


def test_address_that_does_not_answer_leaves_time_for_the_next(full_port, dns):
    dns["rp.example"] = [["127.0.0.2", "127.0.0.1"]]
    assert fails(NoConnection, f"http://rp.example:{full_port}/", seconds=1)


def test_addresses_that_do_not_answer_share_the_time(full_port, dns):
    dns["rp.example"] = [["127.0.0.2"] * 5]
    assert fails(NoAnswerInTime, f"http://rp.example:{full_port}/")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://nowhere.invalid/", id="unknown name"),
        pytest.param(f"http://{'a' * 64}.example/", id="label too long"),
        pytest.param(f"http://{'a.' * 200}example/", id="name too long"),
        pytest.param("http://rp..example/", id="empty label"),
        pytest.param("http://.example/", id="leading dot"),
        pytest.param("https://.example/", id="leading dot of a TLS name"),
        pytest.param("http://ü\u200d.example/", id="no domain"),
        pytest.param("http://127.0.0.1:99999/", id="port out of range"),
        pytest.param("http://127.0.0.1:0/", id="port of nobody"),
        pytest.param("http://127.0.0.1:x/", id="port of letters"),
        pytest.param("http://[::1/", id="half a bracket"),
        pytest.param("http://[fe80::1%25eth0]/", id="zone"),
        pytest.param("ftp://127.0.0.1/", id="another scheme"),
        pytest.param("/backchannel-logout", id="no host"),
        pytest.param("", id="nothing"),
    ],
)
def test_url_that_leads_nowhere(url):
    assert fails(NoConnection, url)


def test_port_where_nobody_listens():
    with receiver(Answers(200)) as rp:
        pass
    assert fails(NoConnection, rp.url)


def test_name_server_that_never_answers_is_left_behind(monkeypatch):
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(60))
    assert fails(NoAnswerInTime, "https://slow.example/")
    over.set()


def test_nothing_is_sent_when_dns_took_too_long(dns, monkeypatch):
    look_up = socket.getaddrinfo
    dns["rp.example"] = [["127.0.0.1"]]

    def slow(*args, **kwargs):
        time.sleep(SECONDS)  # Just as long as there is time for everything.
        return look_up(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with receiver(Answers(200)) as rp:
        assert fails(NoAnswerInTime, f"http://rp.example:{rp.port}/")
    assert rp.connections == 0


def test_nothing_is_sent_after_the_deadline():
    ours, theirs = socket.socketpair()
    with theirs:
        with DeadlineConnection(ours, Deadline(0)) as connection, pytest.raises(TimeoutError):
            connection.send(b"x")
        assert theirs.recv(1) == b""


def test_rest_of_a_request_is_not_sent_after_the_deadline():
    read = []

    def reads_late(peer):
        peer.wait()  # The deadline has passed when the block below ends.
        with peer.connection.makefile("rb") as stream:
            read.append(len(stream.read()))

    with receiver(reads_late) as rp:
        assert fails(NoAnswerInTime, rp.url, seconds=1, fields={"logout_token": "x" * 20_000_000})
    assert read == []
    assert [type(error) for error in rp.broken] == [ConnectionResetError]


def test_host_map_leads_elsewhere(provider, dns):
    dns["shop"] = [["127.0.0.1"]]
    with receiver(Answers(200)) as rp:
        provider(**{ALLOWED: [], MAP: {"https://shop.example.org": f"http://shop:{rp.port}"}})
        assert post("https://shop.example.org/backchannel-logout?query=1")
        (request,) = rp.requests
    assert request.target == "/backchannel-logout?query=1"
    assert request.headers["Host"] == "shop.example.org"


def test_host_map_does_not_lead_to_metadata(provider, dns):
    dns["shop"] = [["169.254.169.254"]]
    provider(**{ALLOWED: [], MAP: {"https://shop.example.org": "http://shop:80"}})
    assert fails(PrivateAddress, "https://shop.example.org/")


def test_host_map_that_leads_nowhere(provider):
    provider(**{MAP: {"https://shop.example.org": "shop:80"}})
    assert fails(NoConnection, "https://shop.example.org/")
