"""The sample application as a real server, as a client that the sample provider may treat badly, and its visitors."""

import os
from contextlib import contextmanager

import requests

from tests.faulty_provider import LIMIT, hidden_fields
from tests.servers import answers, listening, migrate, port, server

PAGE = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
SCRIPT = {"Sec-Fetch-Mode": "cors"}
READ_TIMEOUT = 2  # Seconds.


class Application:
    """A client of its own at the provider."""

    def __init__(self, op, url, client_id):
        self.op = op
        self.url = url
        self.client_id = client_id

    def have(self, profile, **more):
        """Have the provider treat this application by a fault profile."""
        told = requests.post(f"{self.op}/faults/{self.client_id}/", json={"profile": profile} | more, timeout=LIMIT)
        assert told.status_code == 200, told.text

    def have_none(self):
        requests.delete(f"{self.op}/faults/{self.client_id}/", timeout=LIMIT)


@contextmanager
def running(op, folder, **environment):
    """Register the application at the provider, and serve it until the block ends."""
    with listening() as listener:
        url = f"http://localhost:{port(listener)}"
        client = registered(op, url)
        name = f"rp-{port(listener)}"
        environment = (
            os.environ
            | environment
            | {
                "OP_URL": op,
                "RP_URL": url,
                "RP_CLIENT_ID": client["client_id"],
                "RP_CLIENT_SECRET": client["client_secret"],
                "RP_DATABASE_URL": f"sqlite:///{folder / name}.sqlite3",
                "RP_SECRET_KEY": "only-for-the-tests",
                "RP_READ_TIMEOUT": str(READ_TIMEOUT),
            }
        )
        migrate("rp", folder / f"{name}.sqlite3")
        with server("rp", listener, [], environment, folder / f"{name}.log"):
            answers(listener, None)
            yield Application(op, url, client["client_id"])


def registered(op, url):
    asked = {
        "redirect_uris": [f"{url}/oidc/demo/callback/"],
        "post_logout_redirect_uris": [f"{url}/"],
        "grant_types": ["authorization_code", "refresh_token"],
    }
    return requests.post(f"{op}/o/register/", json=asked, timeout=LIMIT).json()


class Visitor:
    """Somebody's browser, in which the person is signed in at the provider and not yet at the application."""

    def __init__(self, application, signed_in):
        self.application = application
        self.http = requests.Session()
        self.http.cookies.update(signed_in.cookies)

    def open(self, path, follow=True):
        return self.http.get(self.application.url + path, headers=PAGE, timeout=LIMIT, allow_redirects=follow)

    def sign_in(self, path="/members/"):
        """Open a page that is for people who are signed in, and return where that ends."""
        page = self.open(path)
        if page.url.startswith(f"{self.application.op}/o/authorize/"):
            page = self.send(page, allow="Authorize")
        return page

    def send(self, page, **fields):
        return self.http.post(page.url, hidden_fields(page.text) | fields, headers=PAGE, timeout=LIMIT)

    def status(self):
        return self.http.get(f"{self.application.url}/oidc/status/", timeout=LIMIT).json()["demo"]

    @property
    def state(self):
        return self.status()["state"]

    def post(self, view):
        url = f"{self.application.url}/oidc/demo/{view}/"
        return self.http.post(url, {"csrfmiddlewaretoken": self.csrf_token}, headers=SCRIPT, timeout=LIMIT)

    def refresh(self):
        return self.post("refresh")

    @property
    def cookies(self):
        """Return what the application has set."""
        return {name: value for name, value in self.http.cookies.items() if name.startswith(("oidc_rp_", "rp_"))}

    @property
    def csrf_token(self):
        return next(value for name, value in self.cookies.items() if name.startswith("rp_csrftoken_"))
