"""Signs a person in by the requests that a browser would make, and gives the cookies to the browser, in less time."""

import requests

import tests.browser.resolve.sitecustomize  # noqa: F401 - the host names of the cross-site worlds.
from tests.browser.visitor import PASSWORD
from tests.faulty_provider import LIMIT, hidden_fields
from tests.sample_application import PAGE

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"


def sign_in(visitor, name, *applications):
    """Sign a person in at the provider and at these applications, in a browser where nobody is signed in."""
    with requests.Session() as http:
        http.trust_env = False  # Else this machine's authorities go before ours.
        http.verify = visitor.site.authority or True
        http.headers.update(PAGE | {"User-Agent": BROWSER.format(visitor.context.browser.version.split(".")[0])})
        for application in applications:
            page = come_from(application, http, visitor.site.op, name)
            assert page.url == f"{application}/", page.text
        visitor.context.add_cookies([cookie_of(cookie) for cookie in http.cookies])


def come_from(application, http, op, name):
    """Fill in the provider's forms, as far as it shows them, and return the page where that ends."""
    page = http.get(f"{application}/oidc/demo/login/", timeout=LIMIT)
    if page.url.startswith(f"{op}/accounts/login/"):
        page = send(http, page, username=name, password=PASSWORD)
    if page.url.startswith(f"{op}/o/authorize/"):
        page = send(http, page, allow="Authorize")
    return page


def send(http, page, **fields):
    return http.post(page.url, hidden_fields(page.text) | fields, headers={"Referer": page.url}, timeout=LIMIT)


def cookie_of(cookie):
    """Return a cookie as Playwright takes it, with what the server said of it."""
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain.removesuffix(".local"),  # Python's, for a name without a dot.
        "path": cookie.path,
        "expires": cookie.expires or -1,
        "secure": cookie.secure,
        "httpOnly": cookie.has_nonstandard_attr("HttpOnly"),
        "sameSite": cookie.get_nonstandard_attr("SameSite"),
    }
