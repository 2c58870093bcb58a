"""The logout URIs of clients.

OpenID Connect Front-Channel Logout 1.0, "Relying Party Logout Functionality"; Back-Channel Logout 1.0, "Indicating RP
Support for Back-Channel Logout".
"""

import ipaddress
import re
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from oauth2_provider.models import AbstractApplication

from oidc_session.conf import conf
from oidc_session.delivery_target import is_refused_for_certain
from oidc_session.origins import origin_of

# What browsers, Python's parsers and RFC 3986 read in one way only. So: no user name, which hides the host from people,
# no backslash, no escapes in the host, no odd port.
UNMISTAKABLE_URI = re.compile(
    r"""
    (?P<scheme>[a-z][a-z0-9+.-]*)://
    (?P<host>\[[0-9a-f:.]+\]|[\w.-]+)(?::[1-9][0-9]{0,4})?
    (?:[/?](?:[\w\-.~:/?@!$&'()*+,;=]|%[0-9a-f]{2})*)?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.IGNORECASE | re.ASCII)
NUMBER_AT_THE_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE | re.ASCII)
LONGEST_DOMAIN = 253
POLICY_SOURCE = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


def check_backchannel_logout_uri(uri: str, application: AbstractApplication) -> None:
    """Raise ValidationError, with a text for whoever registers the client, unless the URI may be told of logouts."""
    scheme = uri.partition(":")[0].lower()
    if scheme not in [allowed.lower() for allowed in conf.LOGOUT_URI_ALLOWED_SCHEMES]:
        raise ValidationError(
            _("The scheme of the logout URI must be one of: %(schemes)s."),
            params={"schemes": ", ".join(conf.LOGOUT_URI_ALLOWED_SCHEMES)},
        )
    host = _host_of(uri)
    if scheme == "http" and not (_is_confidential(application) or is_loopback(host)):
        raise ValidationError(_("The logout URI must use https: only a confidential client may use http."))


def check_that_guard_lets_pass(uri: str) -> None:
    """Raise ValidationError for a back-channel logout URI that no notice would ever be sent to."""
    if is_refused_for_certain(uri):
        raise ValidationError(_("The back-channel logout URI must not have the address of a private network."))


def check_frontchannel_logout_uri(uri: str, application: AbstractApplication) -> None:
    """Raise ValidationError as check_backchannel_logout_uri() does, and for an origin of no redirect URI."""
    check_backchannel_logout_uri(uri, application)
    if not policy_source(uri):
        raise ValidationError(
            _(
                "The host of the front-channel logout URI must be an IPv4 address, or a domain of letters, digits and"
                " hyphens: a Content Security Policy can name no other."
            )
        )
    if origin_of(uri) not in map(origin_of, application.redirect_uris.split()):
        raise ValidationError(_("The front-channel logout URI must have the scheme, host and port of a redirect URI."))


CHECKS: dict[str, Callable[[str, AbstractApplication], None]] = {
    "frontchannel_logout_uri": check_frontchannel_logout_uri,
    "backchannel_logout_uri": check_backchannel_logout_uri,
}


def usable_uri(name: str, application: AbstractApplication) -> str:
    """Return the logout URI of this name that an application has now; none where it is not valid any more."""
    uri: str = getattr(getattr(application, "logout_settings", None), name, "")
    try:
        if uri:
            CHECKS[name](uri, application)
    except ValidationError:
        return ""
    return uri


def policy_source(uri: str) -> str:
    """Return the origin of a URI as Content Security Policy Level 3, "host-source", has it; none where it can't.

    Chromium ignores an IPv6 address and a domain with an underscore, and blocks their frames.
    """
    origin = origin_of(uri) or ""
    return origin if POLICY_SOURCE.fullmatch(origin) else ""


def is_loopback(host: str) -> bool:
    """Whether a host of a URI, an IPv6 address in its brackets, is this very machine."""
    address = _address(host)
    if address is None:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _host_of(uri: str) -> str:
    found = UNMISTAKABLE_URI.fullmatch(uri)
    if found is None:
        raise ValidationError(
            _(
                "The logout URI must be absolute, such as https://app.example/logout, of ASCII characters without"
                " spaces, with neither a user name nor a fragment."
            )
        )
    if not _is_host(found["host"]) or origin_of(uri) is None:
        raise ValidationError(_("The logout URI must have a domain or an IP address as its host, and a valid port."))
    return found["host"]


def _is_host(host: str) -> bool:
    if host.startswith("[") or NUMBER_AT_THE_END.fullmatch(host):  # Browsers read 127.1 and 0x7f.1 as addresses.
        return _address(host) is not None
    return len(host) <= LONGEST_DOMAIN and DOMAIN.fullmatch(host) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(host[1:-1]) if host.startswith("[") else ipaddress.IPv4Address(host)
    except ValueError:
        return None


def _is_confidential(application: AbstractApplication) -> bool:
    return bool(application.client_type == application.CLIENT_CONFIDENTIAL)
