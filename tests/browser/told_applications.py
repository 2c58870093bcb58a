"""Applications that want to be told of a logout in the browser, each with a page that takes it in its own way."""

import socket
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # Of the verifier below, from RFC 7636.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def loads(handler):
    handler.answer("signed out", {"Cache-Control": "no-store", "Set-Cookie": "seen=1; Path=/"})


def fails(handler):
    handler.answer("no", status=500)


def denies_framing(handler):
    handler.answer("signed out", {"X-Frame-Options": "DENY"})


def answers_with_nothing(handler):
    handler.answer(status=204)


def hangs(handler):
    handler.server.released.wait()


def takes_the_page(handler):
    handler.answer(
        "<script>try { top.location = 'about:blank'; } catch {} alert('Stay!'); open('about:blank')</script>"
    )


def asks_for_a_password(handler):
    handler.answer(status=401, headers={"WWW-Authenticate": "Basic realm=here"})


def downloads(handler):
    handler.answer("a file", {"Content-Disposition": "attachment"})


def redirecting(pages, to, times):
    """Return what leads through as many redirects to a page that loads."""
    for _ in range(times):
        to = pages.add(lambda handler, to=to: handler.answer(status=302, headers={"Location": to}))
    return pages.documents[to][0]


def refused_address():
    """Return an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://localhost:{listener.getsockname()[1]}"


class ToldApplication:
    """A client that registers itself; `takes_it` answers the request of its frame."""

    def __init__(self, site, takes_it=loads, name="Told application", origin=None):
        self.site, self.pages = site, site.pages
        self.path = site.pages.add(takes_it)
        self.home = site.pages.add("<h1>Back at the application</h1>")
        origin = origin or site.pages_origin
        self.redirect_uri, self.back = f"{site.pages_origin}/callback/", f"{site.pages_origin}{self.home}"
        metadata = {
            "client_name": name,
            "redirect_uris": [self.redirect_uri, f"{origin}/callback/"],
            "post_logout_redirect_uris": [self.back],
            "token_endpoint_auth_method": "none",
            "frontchannel_logout_uri": f"{origin}{self.path}?kept=a%20b",
            "frontchannel_logout_session_required": True,
        }
        self.client_id = self.post("register", json=metadata)["client_id"]

    def post(self, endpoint, **options):
        """Ask the provider by an address that needs no name server."""
        parts = urlsplit(self.site.op)
        url = f"{parts.scheme}://localhost:{parts.port}/o/{endpoint}/"
        return requests.post(url, timeout=30, verify=self.site.authority or True, **options).json()

    def sign_in(self, visitor):
        """Let a person who is signed in at the provider sign in here, too, and keep the ID token."""
        query = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "response_type": "code"}
        pkce = {"scope": "openid", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        page = visitor.open(f"{self.site.op}/o/authorize/?{urlencode(query | pkce)}")
        if page.get_by_role("button", name="Allow").is_visible():
            page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{self.redirect_uri}**")
        code = parse_qs(urlsplit(page.url).query)["code"][0]
        page.close()
        grant = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        data = grant | {"client_id": self.client_id, "redirect_uri": self.redirect_uri}
        self.id_token = self.post("token", data=data)["id_token"]

    def log_out_url(self, **parameters):
        """Return the address that asks the provider for a logout."""
        return f"{self.site.op}/o/logout/?{urlencode({'id_token_hint': self.id_token} | parameters)}"

    @property
    def told(self):
        """The requests of its frames."""
        return [seen for seen in self.pages.seen if seen.path == self.path]

    def seconds_until_back(self):
        """Return how long after the first frame was asked the browser was back."""
        [back] = [seen.at for seen in self.pages.seen if seen.path == self.home]
        return back - min(seen.at for seen in self.told)
