"""A logout at oidc-provider for Node.js, of a person who is signed in at many applications: what others take for it."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urljoin

import requests

from benchmarks.missing import need_command
from tests.rp.independent_provider import IndependentProvider

REDIRECT_URI = "http://127.0.0.1/callback"
PKCE = {  # RFC 7636, "Example for the S256 code_challenge_method".
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
SIGNING_IN = ({"prompt": "login", "login": "alice", "password": "any"}, {"prompt": "consent"})
XSRF = re.compile(r'name="xsrf" value="([^"]+)"')


@contextmanager
def node_provider(logout_uris: Iterable[str], log: Path) -> Iterator[IndependentProvider]:
    """Start one that knows an application for each of these back-channel logout URIs."""
    need_command("node", "apt-get install nodejs npm, and npm ci")
    provider = IndependentProvider(log)
    provider.clients = [application(number, uri) for number, uri in enumerate(logout_uris)]
    try:
        provider.start()
        yield provider
    finally:
        provider.close()


def application(number: int, logout_uri: str) -> dict[str, object]:
    return {
        "client_id": f"rp-{number}",
        "client_secret": "only-for-benchmarks",
        "redirect_uris": [REDIRECT_URI],
        "backchannel_logout_uri": logout_uri,
        "backchannel_logout_session_required": True,
    }


def sign_in(provider: IndependentProvider) -> requests.Session:
    """Return a browser in which somebody is signed in at all applications."""
    browser = requests.Session()
    for client in provider.clients:
        asked = {"client_id": client["client_id"], "response_type": "code", "scope": "openid"}
        url = f"{provider.url}/auth?{urlencode(asked | PKCE | {'redirect_uri': REDIRECT_URI})}"
        answers = iter(SIGNING_IN if client is provider.clients[0] else SIGNING_IN[1:])
        while not url.startswith(REDIRECT_URI):
            response = browser.get(url, allow_redirects=False, timeout=10)
            if response.ok and not response.is_redirect:
                response = browser.post(url, next(answers), allow_redirects=False, timeout=10)
            url = urljoin(url, response.headers["Location"])
        assert "code=" in url, url
    return browser


def log_out(provider: IndependentProvider, browser: requests.Session) -> float:
    """Log out, and return the moment at which that began, by the monotonic clock."""
    question = browser.get(f"{provider.url}/session/end", timeout=10)
    answer = {"xsrf": XSRF.search(question.text)[1], "logout": "yes"}  # type: ignore[index]
    began = time.monotonic()
    browser.post(f"{provider.url}/session/end/confirm", answer, allow_redirects=False, timeout=10).raise_for_status()
    return began
