"""A browser between a relying party and a provider that are processes: it follows redirects, and fills in forms."""

import re
from html import unescape

import requests


class IndependentBrowser(requests.Session):
    def __init__(self, site, provider, name="demo"):
        super().__init__()
        self.site = site
        self.provider = provider
        self.name = name

    # At the relying party

    def status(self):
        return self.get(f"{self.site}/oidc/status/").json()[self.name]

    def state(self):
        return self.status()["state"]

    def begin(self, **query):
        return self.get(f"{self.site}/oidc/{self.name}/login/", params=query)

    def sign_in(self, person, **query):
        return self.agree(self.begin(**query), person)

    def silent_login(self):
        """Return what the hidden frame tells the page around it."""
        return re.search(r'data-outcome="(\w+)"', self.begin(silent=1).text)[1]

    def refresh(self):
        return self.post_with_token("refresh/")

    def sign_out(self):
        """Sign out at the relying party, and return where that leads to."""
        return self.post_with_token("logout/")

    def post_with_token(self, path):
        headers = {"X-CSRFToken": self.cookies["csrftoken"]}
        return self.post(f"{self.site}/oidc/{self.name}/{path}", headers=headers)

    # At the provider

    def agree(self, page, person):
        """Say who one is and agree to all, until the provider asks nothing more."""
        while self.is_at_provider(page):
            page = self.submit(page, login=person, password="any")
        return page

    def sign_out_at_provider(self):
        """Sign out where nobody tells the relying party but the provider itself."""
        asked = self.get(f"{self.provider}/session/end")
        done = self.submit(asked, logout="yes")
        assert all(map(self.is_at_provider, [asked, *done.history, done]))

    def is_at_provider(self, page):
        return page.url.startswith(self.provider)

    def is_asked_who_it_is(self, page):
        return self.is_at_provider(page) and 'name="password"' in page.text

    # Anywhere

    def submit(self, page, **typed):
        """Send the form of a page, with what is hidden in it."""
        page.raise_for_status()
        [address] = re.findall(r'<form [^>]*action="([^"]+)"', page.text)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return self.post(unescape(address), {name: unescape(value) for name, value in hidden.items()} | typed)
