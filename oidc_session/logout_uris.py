"""The logout URIs of clients.

OpenID Connect Front-Channel Logout 1.0, "Relying Party Logout Functionality"; Back-Channel Logout 1.0, "Indicating RP
Support for Back-Channel Logout".
"""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from oauth2_provider.models import AbstractApplication

from oidc_session.conf import conf
from oidc_session.origins import origin_of

URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")  # RFC 3986, without "#": no fragment.


def check_backchannel_logout_uri(uri: str, application: AbstractApplication) -> None:
    """Raise ValidationError, with a text for whoever registers the client, unless the URI may be told of logouts."""
    if not URI_CHARACTERS.fullmatch(uri):
        raise ValidationError(_("The logout URI must be an absolute URI without a fragment."))
    parts = urlsplit(uri)
    if parts.scheme not in [scheme.lower() for scheme in conf.LOGOUT_URI_ALLOWED_SCHEMES]:
        raise ValidationError(
            _("The scheme of the logout URI must be one of: %(schemes)s."),
            params={"schemes": ", ".join(conf.LOGOUT_URI_ALLOWED_SCHEMES)},
        )
    if origin_of(uri) is None or "@" in parts.netloc:
        raise ValidationError(_("The logout URI must have a host, and neither a name nor a password."))
    if parts.scheme == "http" and not (_is_confidential(application) or is_loopback(parts.hostname or "")):
        raise ValidationError(_("The logout URI must use https: only a confidential client may use http."))


def check_frontchannel_logout_uri(uri: str, application: AbstractApplication) -> None:
    """Raise ValidationError as check_backchannel_logout_uri() does, and for an origin of no redirect URI."""
    check_backchannel_logout_uri(uri, application)
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


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_confidential(application: AbstractApplication) -> bool:
    return bool(application.client_type == application.CLIENT_CONFIDENTIAL)
