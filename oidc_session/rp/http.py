"""Calls to a provider: with limits of time and size, never redirected, and only where its issuer may be."""

import ipaddress
import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from oidc_session.rp.conf import Provider, conf
from oidc_session.rp.exceptions import ProviderUnavailable

CHUNK = 65_536
MOST_PATIENCE = 60.0  # Seconds of a Retry-After that are heeded.

before_each_call: ContextVar[Callable[[], object]] = ContextVar("before_each_call", default=lambda: None)
"""What whoever calls wants done first, each time."""


def _nothing_of_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


DEFAULTS: dict[str, Any] = {
    "auth": _nothing_of_netrc,
    "headers": {"Accept": "application/json", "Accept-Encoding": "identity"},
}


@dataclass(frozen=True)
class Answer:
    """A provider's answer: `body` is its JSON object, None where it is something else."""

    status: int
    body: dict[str, Any] | None
    retry_after: float = 0

    @property
    def is_momentary_failure(self) -> bool:
        return self.status == 429 or self.status >= 500 or self.body is None


def call(provider: Provider, method: str, url: str, **kwargs: Any) -> Answer:
    """Ask a provider; raise ProviderUnavailable where it can't be reached, is too slow, or answers too much."""
    if not may_call(url, provider):
        raise ProviderUnavailable(f"An endpoint of {provider.name} is not on https.")
    before_each_call.get()()
    deadline = time.monotonic() + conf.connect_timeout + conf.read_timeout
    try:
        with requests.request(
            method,
            url,
            timeout=(conf.connect_timeout, conf.read_timeout),
            allow_redirects=False,
            stream=True,
            **DEFAULTS | kwargs,
        ) as response:
            content = _read(response, deadline)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise ProviderUnavailable(f"{provider.name} can't be reached: {type(error).__name__}.") from None
    return Answer(response.status_code, _json_object(content), _retry_after(response))


def fetch(provider: Provider, url: str, **kwargs: Any) -> dict[str, Any]:
    """Return the JSON object at a URL; raise ProviderUnavailable where there is none."""
    answer = call(provider, "GET", url, **kwargs)
    if answer.status != 200 or answer.body is None:
        raise ProviderUnavailable(f"{provider.name} answered with status {answer.status}.", answer.retry_after)
    return answer.body


def may_call(url: str, provider: Provider) -> bool:
    """Whether a URL is on https, or on http where the settings or the loopback interface allow it."""
    scheme, host = _scheme_and_host(url)
    return bool(host) and (scheme == "https" or (scheme == "http" and (provider.allow_http or _is_loopback(host))))


def is_loopback_url(url: str) -> bool:
    return _is_loopback(_scheme_and_host(url)[1])


def _read(response: requests.Response, deadline: float) -> bytes:
    """Read what has come, again and again: a limit of a single read is none of all of them."""
    content = b""
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        content += chunk
        if len(content) > conf.response_limit:
            raise requests.exceptions.ContentDecodingError("too long")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("too slow")
    return content


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _retry_after(response: requests.Response) -> float:
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), MOST_PATIENCE) if asked.isascii() and asked.isdigit() else 0


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
