"""What relying parties read first: OpenID Connect Discovery 1.0, RFC 8414, and the keys."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.http import parse_http_date_safe
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

from oidc_session.conf import conf, enabled_channels
from oidc_session.doctor.findings import LONGEST, Finding, error, fine, warning
from oidc_session.doctor.site import Site, members, where
from oidc_session.origins import origin_of

MOST_SECONDS_APART = 30
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k"}  # RFC 7518, "Cryptographic Algorithms for Keys".
FORWARDING = (
    "nginx: proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme; and in the settings:"
    ' SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https").'
)


def discovery(site: Site) -> Iterator[Finding]:
    yield fine(f"{len(site.metadata)} members at {where(site.discovery.url)}")


def issuer(site: Site) -> Iterator[Finding]:
    expected = oauth2_settings.OIDC_ISS_ENDPOINT or where(site.issuer)
    found = site.metadata.get("issuer")
    if found != expected:
        yield error(
            f"issuer is {str(found)[:LONGEST]!r}, and not {expected!r}",
            f'Write in OAUTH2_PROVIDER: "OIDC_ISS_ENDPOINT": "{expected}"; let the proxy tell its name. {FORWARDING}',
        )
    else:
        yield fine(expected)


def https(site: Site) -> Iterator[Finding]:
    plain = sorted(name for name, url in _urls(site).items() if not url.lower().startswith("https://"))
    if not site.issuer.lower().startswith("https://"):
        yield error(
            f"{where(site.issuer)} is not https",
            "Serve the provider by https, and write OIDC_ISS_ENDPOINT with it: browsers give the iframe neither its"
            " cookie nor Web Crypto otherwise.",
        )
    elif plain:
        yield error(f"on plain http: {', '.join(plain)}", f"Let Django know that it is served by https. {FORWARDING}")


def endpoints(site: Site) -> Iterator[Finding]:
    """Look whether all that relying parties are sent to is where they know the provider to be."""
    foreign = {name: url for name, url in _urls(site).items() if _host(url) != _host(site.issuer)}
    if foreign:
        names = ", ".join(f"{name} at {origin_of(url)}" for name, url in sorted(foreign.items()))
        yield error(names[:LONGEST], f"Let the proxy tell Django its own name. {FORWARDING}")


def metadata_members(site: Site) -> Iterator[Finding]:
    wanted = dict.fromkeys((f"{channel}_logout_supported" for channel in enabled_channels()), True)
    wanted |= {f"{channel}_logout_session_supported": True for channel in enabled_channels()}
    wrong = [name for name, value in wanted.items() if site.metadata.get(name) is not value]
    wrong += [name for name in _wanted_urls() if name not in site.metadata]
    if wrong:
        yield error(
            f"missing or false: {', '.join(wrong)}",
            "Restart the server with the settings that this command has, include oidc_session.urls in place of"
            " oauth2_provider.urls, and empty the cache of the proxy.",
        )


def server_metadata(site: Site) -> Iterator[Finding]:
    """Ask for the document of RFC 8414 where it has it, and where DOT serves it below a prefix."""
    parts = urlsplit(site.issuer)
    name = "/.well-known/oauth-authorization-server"
    urls = (f"{parts.scheme}://{parts.netloc}{name}{parts.path.rstrip('/')}", f"{site.issuer.rstrip('/')}{name}")
    found = [answer for answer in map(site.get, urls) if answer.ok]
    if not found:
        yield warning(
            f"not at {where(urls[0])}",
            "Write below urlpatterns: urlpatterns += metadata_urlpatterns, from oidc_session.urls; and let the proxy"
            " hand it on.",
        )
    elif any(members(answer).get("issuer") != site.metadata.get("issuer") for answer in found):
        yield error("its issuer is another one than that of discovery", f"Let both have one name. {FORWARDING}")


def keys(site: Site) -> Iterator[Finding]:
    """Look whether what this provider signs can be verified."""
    published = members(site.get(site.endpoint("jwks_uri"))).get("keys")
    found = [key for key in published if isinstance(key, dict)] if isinstance(published, list) else []
    pem = oauth2_settings.OIDC_RSA_PRIVATE_KEY
    if any(PRIVATE_MEMBERS & key.keys() for key in found):
        yield error(
            "a private key is published",
            "Take it down, make a new one with: openssl genrsa 4096, and write that as OIDC_RSA_PRIVATE_KEY.",
        )
    elif pem and jwk_from_pem(pem).thumbprint() not in [key.get("kid") for key in found]:
        yield error(
            f"of {len(found)} keys none is that of OIDC_RSA_PRIVATE_KEY",
            "Give each server process the same OIDC_RSA_PRIVATE_KEY, restart them, and empty the cache of the proxy.",
        )


def clock(site: Site) -> Iterator[Finding]:
    """Compare the site's clock with this machine's: tokens are good from one second to another."""
    headers = site.discovery.headers
    told = parse_http_date_safe(headers.get("Date", ""))
    age = headers.get("Age", "0")
    apart = abs(time.time() - told - (int(age) if age.isdecimal() else 0)) if told is not None else 0
    if apart > MOST_SECONDS_APART:
        yield error(
            f"the site's clock and this machine's are {apart:.0f} seconds apart",
            "Keep both by NTP: timedatectl set-ntp true.",
        )


QUESTIONS = (discovery, issuer, https, endpoints, metadata_members, server_metadata, keys, clock)


def _urls(site: Site) -> dict[str, str]:
    """Return the endpoints of the discovery document, but for those that the project has put elsewhere."""
    urls = {name: url for name, url in site.metadata.items() if name.endswith("_endpoint") or name == "jwks_uri"}
    if not conf.SESSION_IFRAME_ENDPOINT:
        urls["check_session_iframe"] = site.metadata.get("check_session_iframe")
    if oauth2_settings.OIDC_USERINFO_ENDPOINT:
        urls.pop("userinfo_endpoint", None)
    return {name: url for name, url in urls.items() if isinstance(url, str)}


def _host(url: str) -> str:
    return (origin_of(url) or "").partition("://")[2]


def _wanted_urls() -> Iterator[str]:
    yield "jwks_uri"
    if conf.SESSION_MANAGEMENT_ENABLED:
        yield "check_session_iframe"
    if oauth2_settings.OIDC_RP_INITIATED_LOGOUT_ENABLED:
        yield "end_session_endpoint"
