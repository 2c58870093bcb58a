"""A browser that visits the relying party, and signs in at the tests' provider."""

from urllib.parse import urlsplit

from django.test import Client

from oidc_session.rp.cookies import session_key
from oidc_session.rp.stores import store

PAGE = {"Sec-Fetch-Mode": "navigate"}
SCRIPT = {"Sec-Fetch-Mode": "cors"}


class Browser(Client):
    def __init__(self, op, **kwargs):
        super().__init__(**kwargs)
        self.op = op

    def begin(self, path="/oidc/demo/login/", **query):
        """Begin a login, and return where the browser is sent to: at the provider."""
        response = self.get(path, query)
        assert response.status_code == 302, response.content
        return response["Location"]

    def come_back(self, address, **parameters):
        """Sign in at the provider, which changes its answer as told, and return what the callback says."""
        back = urlsplit(self.op.authorize(address, **parameters))
        return self.get(f"{back.path}?{back.query}")

    def sign_in(self, **query):
        response = self.come_back(self.begin(**query))
        assert response.status_code == 302, response.content
        return response

    def status(self, name="demo"):
        return self.get("/oidc/status/").json()[name]

    def page(self, path):
        return self.get(path, headers=PAGE)

    def script(self, path, method="get"):
        return getattr(self, method)(path, headers=SCRIPT)

    def refresh(self):
        return self.script("/oidc/demo/refresh/", "post")

    @property
    def session(self):
        """The session at demo as the store has it."""
        return store().get(self.key)

    @property
    def key(self):
        request = type("Request", (), {"COOKIES": {name: cookie.value for name, cookie in self.cookies.items()}})
        return session_key(request, "demo")

    def change(self, **changes):
        """Change the session in the store, as time would."""
        from dataclasses import replace

        used_at = changes.pop("used_at", None)
        written = store().replace(replace(self.session, **changes))
        if used_at is not None:
            store().touch(self.key, used_at)
        return written
