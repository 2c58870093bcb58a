"""The sample provider as a real server, and a client of it that may be treated badly."""

import base64
import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import requests
from jwcrypto import jwk, jwt

from tests.keys import rsa_pem
from tests.servers import answers, listening, manage, migrate, port, server

REDIRECT_URI = "http://rp.example/oidc/demo/callback/"
SCOPE = "openid profile groups"
LIMIT = 30


@contextmanager
def running(folder):
    """Serve the provider, migrated and seeded, until the block ends; return where it is."""
    with listening() as listener:
        url = f"http://localhost:{port(listener)}"
        environment = os.environ | {
            "OP_URL": url,
            "RP_URL": "http://rp.example",
            "SECOND_RP_URL": "http://second.example",
            "DATABASE_URL": f"sqlite:///{folder / 'op.sqlite3'}",
            "OP_SECRET_KEY": "only-for-the-tests",
            "OIDC_DEFAULT_SESSION_KEY": "only-for-the-tests-of-signed-out-browsers",
            "OIDC_RSA_PRIVATE_KEY": rsa_pem(),
            "OIDC_RSA_SECOND_PRIVATE_KEY": rsa_pem("second"),
        }
        migrate("op", folder / "op.sqlite3")
        manage("seed", "op", environment)
        with server("op", listener, [], environment, folder / "op.log"):
            answers(listener, None)
            yield url


@dataclass
class Client:
    """A client, and the browser of somebody who uses it."""

    url: str
    browser: requests.Session
    client_id: str = "sample-rp"
    secret: str = "demo-secret-of-the-sample-rp"
    redirect_uri: str = REDIRECT_URI

    def switch(self, profile, **more):
        """Have the provider treat this client by the profile."""
        answer = requests.post(f"{self.url}/faults/{self.client_id}/", json={"profile": profile} | more, timeout=LIMIT)
        assert answer.status_code == 200, answer.text

    def clear(self):
        requests.delete(f"{self.url}/faults/{self.client_id}/", timeout=LIMIT)

    def authorize(self, **changes):
        """Return the parameters that the browser brings to the redirect URI."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": "a state",
            "nonce": "a nonce",
        } | changes
        answer = self.browser.get(f"{self.url}/o/authorize/", params=asked, allow_redirects=False, timeout=LIMIT)
        if answer.status_code == 200:
            answer = self.consent(answer)
        assert answer.headers["Location"].startswith(f"{self.redirect_uri}?")
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True))

    def consent(self, page):
        form = hidden_fields(page.text) | {"allow": "Authorize"}
        return self.browser.post(page.url, form, allow_redirects=False, timeout=LIMIT)

    def token(self, timeout=LIMIT, **form):
        credentials = (self.client_id, self.secret)
        return requests.post(f"{self.url}/o/token/", form, auth=credentials, timeout=timeout)

    def login(self):
        """Return the token response of a login."""
        form = {"grant_type": "authorization_code", "redirect_uri": self.redirect_uri}
        answer = self.token(code=self.authorize()["code"], **form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, tokens, **more):
        return self.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **more)

    def userinfo(self, tokens, timeout=LIMIT):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        return requests.get(f"{self.url}/o/userinfo/", headers=bearer, timeout=timeout)

    def published(self):
        return requests.get(f"{self.url}/o/.well-known/jwks.json", timeout=LIMIT).json()

    def verified(self, tokens):
        """Return the claims of the ID token if a published key signed it; raise JWException otherwise."""
        keys = jwk.JWKSet.from_json(json.dumps(self.published()))
        return json.loads(jwt.JWT(jwt=tokens["id_token"], key=keys, algs=["RS256"], check_claims={}).claims)


def registered(url, browser, **metadata):
    """Return a client that the provider has not known before."""
    asked = {"redirect_uris": [REDIRECT_URI], "grant_types": ["authorization_code", "refresh_token"]} | metadata
    known = requests.post(f"{url}/o/register/", json=asked, timeout=LIMIT).json()
    return Client(url, browser, known["client_id"], known["client_secret"])


def signed_in(url, username):
    browser = requests.Session()
    page = browser.get(f"{url}/accounts/login/", timeout=LIMIT)
    form = hidden_fields(page.text) | {"username": username, "password": "demo-pass"}
    browser.post(page.url, form, timeout=LIMIT)
    return browser


def hidden_fields(page):
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden":
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    return found


def decoded(token):
    """Return header and claims, unverified."""
    parts = token.split(".")[:2]
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts]
