"""Posting with the guarded client in tests, in time and without a word too much."""

import socket
import time

import pytest

from oidc_session.exceptions import DeliveryError, NoAnswerInTime
from oidc_session.guarded_http import Answer, post_form

SECRET = "header.claims.signature"
FIELDS = {"logout_token": SECRET}
SECONDS = 0.3  # A deadline that is to be missed.
AMPLE_SECONDS = 5  # One that isn't, on a busy machine either.
MARGIN = 1.7
ALLOWED = "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS"
MAP = "OIDC_BACKCHANNEL_LOGOUT_HOST_MAP"


@pytest.fixture
def loopback_is_allowed(provider):
    provider(**{ALLOWED: ["127.0.0.0/8"]})


@pytest.fixture(name="dns")
def dns_of_a_test(monkeypatch):
    """Names and the addresses that they have, one list for each look-up; the last one stays."""
    names = {}

    def getaddrinfo(host, port, **kwargs):
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
        return [_entry(address, port) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names


def _entry(address, port):
    by_ipv6 = ":" in address
    family = socket.AF_INET6 if by_ipv6 else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0) if by_ipv6 else (address, port)


def post(url, seconds=AMPLE_SECONDS, fields=FIELDS) -> Answer:
    """Post, and see that it was over in time."""
    began = time.monotonic()
    try:
        return post_form(url, fields, seconds)
    finally:
        assert time.monotonic() - began < seconds + MARGIN


def fails(kind, url, seconds=None, fields=FIELDS) -> bool:
    """Post, and see that it fails in just this way, and that the error says nothing that it must not say."""
    with pytest.raises(DeliveryError) as raised:
        post(url, seconds or (SECONDS if kind is NoAnswerInTime else AMPLE_SECONDS), fields)
    assert type(raised.value) is kind
    return not any(secret in str(raised.value) for secret in (SECRET, "backchannel-logout", "query"))
