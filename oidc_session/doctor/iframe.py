"""The OP iframe as it arrives: OpenID Connect Session Management 1.0, "OP iframe"."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from django.urls import reverse

from oidc_session import check_session_iframe
from oidc_session.conf import conf
from oidc_session.doctor.findings import LONGEST, Finding, error, fine, warning
from oidc_session.doctor.site import Site, where
from oidc_session.origins import origin_of


def iframe(site: Site) -> Iterator[Finding]:
    answer = site.iframe
    if answer.status_code != HTTPStatus.OK or not answer.headers.get("Content-Type", "").startswith("text/html"):
        yield error(
            f"status {answer.status_code} at {where(answer.url)}",
            f"Let the proxy hand on {_path(site)} to Django for everybody, without a login page or redirect before it.",
        )
    else:
        yield fine(where(answer.url))


def iframe_framing(site: Site) -> Iterator[Finding]:
    if header := site.iframe.headers.get("X-Frame-Options"):
        yield error(
            f"X-Frame-Options: {header[:LONGEST]}",
            f"Take it from this address. nginx: location {_path(site)} {{ proxy_hide_header X-Frame-Options; … }}; and"
            " repeat there no add_header X-Frame-Options.",
        )
    ours = check_session_iframe.CONTENT_SECURITY_POLICY
    policies = [policy.strip() for policy in site.iframe.headers.get(ours, "").split(",")]
    if others := [policy for policy in policies if policy and policy != check_session_iframe.content_security_policy()]:
        yield error(
            f"{ours}: {', '.join(others)[:LONGEST]}",
            "It forbids pages of relying parties to frame the document, or the document its script. Add no policy to"
            f" this address. nginx: location {_path(site)} {{ … }} without add_header {ours}.",
        )


def iframe_isolation(site: Site) -> Iterator[Finding]:
    """Look for what lets a cross-origin isolated page embed the document."""
    wanted = check_session_iframe.ISOLATION
    changed = [name for name, value in wanted.items() if site.iframe.headers.get(name) != value]
    if changed:
        lines = " ".join(f"{name}: {wanted[name]};" for name in changed)
        yield warning(
            f"missing or changed: {', '.join(changed)}",
            f"Let the proxy hand on {lines} Relying parties that are cross-origin isolated can't embed it otherwise.",
        )


def iframe_document(site: Site) -> Iterator[Finding]:
    if site.iframe.content != check_session_iframe.current_document().encode():
        yield error(
            "the document is not that of this version and these settings",
            "Let nothing rewrite it (minifiers, injected scripts; Cloudflare: Rocket Loader off), restart the server"
            " after an upgrade, and empty the cache of the proxy.",
        )


def iframe_caching(site: Site) -> Iterator[Finding]:
    headers = site.iframe.headers
    if "immutable" not in headers.get("Cache-Control", ""):
        yield warning(
            f"Cache-Control: {headers.get('Cache-Control', '')[:LONGEST]}",
            f"Hand on the one that Django sends. nginx: location {_path(site)} {{ … }} without expires and add_header"
            " Cache-Control. Browsers fetch the document with every page otherwise.",
        )
    if "Set-Cookie" in headers or "cookie" in headers.get("Vary", "").lower():
        yield warning(
            "it comes with a cookie, or with Vary: Cookie",
            f"Let the balancer set no cookie at {_path(site)}: a cache would hand on one person's, or keep nothing.",
        )


def status_request(site: Site) -> Iterator[Finding]:
    """Ask what the iframe asks quietly."""
    if not conf.SESSION_STATUS_INTERVAL:
        return
    path = reverse("oauth2_provider:session-status")
    answer = site.get(f"{origin_of(site.endpoint('check_session_iframe'))}{path}")
    if answer.status_code != HTTPStatus.NO_CONTENT or "no-store" not in answer.headers.get("Cache-Control", ""):
        yield error(
            f"status {answer.status_code}, Cache-Control: {answer.headers.get('Cache-Control', '')[:LONGEST]}",
            f"Let the proxy hand on {path} to Django and keep no answer; or write in OAUTH2_PROVIDER:"
            ' "OIDC_SESSION_STATUS_INTERVAL": 0.',
        )


QUESTIONS = (iframe, iframe_framing, iframe_isolation, iframe_document, iframe_caching, status_request)


def _path(site: Site) -> str:
    return urlsplit(site.endpoint("check_session_iframe")).path
