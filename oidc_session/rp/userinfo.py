"""OpenID Connect Core 1.0, "UserInfo Endpoint"."""

import logging
from typing import Any

from oidc_session.rp.conf import Provider
from oidc_session.rp.discovery import endpoint
from oidc_session.rp.exceptions import ProviderUnavailable, UserinfoRefused
from oidc_session.rp.http import call

logger = logging.getLogger(__name__)

PROTOCOL_CLAIMS = {"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "sid", "at_hash"}
"""What the ID token alone says."""

Claims = dict[str, Any]


def userinfo(provider: Provider, sub: str, access_token: str) -> Claims:
    """Return what the provider says of the person now, where the settings want it asked.

    Raises ProviderUnavailable or UserinfoRefused where it is required.
    """
    if provider.userinfo == "off":
        return {}
    try:
        return _asked(provider, sub, access_token)
    except (ProviderUnavailable, UserinfoRefused) as error:
        if provider.userinfo == "required":
            raise
        logger.warning("Userinfo not had provider=%s reason=%s", provider.name, error)
        return {}


def _asked(provider: Provider, sub: str, access_token: str) -> Claims:
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json", "Accept-Encoding": "identity"}
    answer = call(provider, "GET", endpoint(provider, "userinfo_endpoint"), headers=headers)
    if answer.status in (400, 401, 403):
        raise UserinfoRefused(f"{provider.name} gives no userinfo: status {answer.status}.")
    if answer.status != 200 or answer.body is None:
        raise ProviderUnavailable(f"{provider.name} answered with status {answer.status}.", answer.retry_after)
    if answer.body.get("sub") != sub:
        raise UserinfoRefused(f"{provider.name} gives the userinfo of somebody else.")
    return {name: value for name, value in answer.body.items() if name not in PROTOCOL_CLAIMS}
