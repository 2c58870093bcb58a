"""The running provider, asked over HTTP as a relying party or a browser would; nothing is kept between two requests."""

from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from oidc_session import __version__
from oidc_session.doctor.findings import LONGEST, Unanswered
from oidc_session.origins import origin_of

SECONDS = 10.0
HEADERS = {"User-Agent": f"django-oidc-session/{__version__} (doctor)"}

WHAT_WENT_WRONG: tuple[tuple[type[Exception], str, str], ...] = (  # Not in the words of requests, which have the URL.
    (
        requests.exceptions.SSLError,
        "the certificate is not one to trust",
        "Serve a certificate for this name with its whole chain (nginx: ssl_certificate fullchain.pem;). For an"
        " authority of your own: REQUESTS_CA_BUNDLE=/path/to/authority.pem python manage.py oidc_session_doctor.",
    ),
    (
        requests.Timeout,
        f"no answer within {SECONDS:.0f} seconds",
        "Look whether the proxy reaches the application server, and whether that has a free worker.",
    ),
    (
        requests.exceptions.ContentDecodingError,
        "the body is not compressed as Content-Encoding says",
        "Let one of proxy and application compress, not both: remove GZipMiddleware, or write gzip off; in nginx.",
    ),
    (
        requests.RequestException,
        "no connection, or something else than HTTP",
        "Look whether the name leads to the proxy, and whether the port is open: relying parties come from outside.",
    ),
)


class Site:
    """The provider at an issuer's URL."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    @cached_property
    def discovery(self) -> requests.Response:
        return self.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The document of OpenID Connect Discovery 1.0; Unanswered where there is none."""
        return members(self.discovery)

    @cached_property
    def iframe(self) -> requests.Response:
        return self.get(self.endpoint("check_session_iframe"))

    def endpoint(self, name: str) -> str:
        """Return a URL that the metadata has; Unanswered where it has none."""
        url = self.metadata.get(name)
        if not isinstance(url, str) or origin_of(url) is None:
            raise Unanswered(
                f"the discovery document has no URL for {name}",
                "Restart the server with the settings that this command has, and empty the cache of the proxy.",
            )
        return url

    def get(self, url: str, **parameters: str) -> requests.Response:
        """Return the answer to a GET by somebody without cookies, who follows no redirect."""
        try:
            return requests.get(
                url,
                parameters,
                headers=HEADERS,
                auth=_nobody,
                allow_redirects=False,
                timeout=SECONDS,
            )
        except requests.RequestException as failure:
            found, remedy = next((words, line) for kind, words, line in WHAT_WENT_WRONG if isinstance(failure, kind))
            raise Unanswered(f"{where(url)}: {found}", remedy) from None


def members(answer: requests.Response) -> dict[str, Any]:
    """Return the members of a JSON document; Unanswered where an answer has none."""
    try:
        document: object = answer.json() if answer.status_code == HTTPStatus.OK else None
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    raise Unanswered(
        f"{where(answer.url)}: status {answer.status_code}, and no JSON document",
        f"Let the proxy hand on {urlsplit(answer.url).path} to Django as it is, without a login page before it:"
        ' path("o/", include("oidc_session.urls")) in urlpatterns serves it.',
    )


def where(url: str) -> str:
    """Return a URL without what may be secret in it."""
    return f"{origin_of(url) or 'a URL without an origin'}{urlsplit(url).path}"[:LONGEST]


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no name and password, neither the URL's nor a .netrc's."""
    request.headers.pop("Authorization", None)
    return request
