"""The logout settings of a client that registers itself: RFC 7591 and RFC 7592."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from oidc_session.conf import enabled_channels
from oidc_session.exceptions import InvalidClientMetadata
from oidc_session.logout_metadata import LOGOUT_MEMBERS, logout_members
from oidc_session.models import ClientLogoutSettings


def registered(application: Any) -> dict[str, str | bool]:
    """Return what an application's settings tell of its client: the channels that are on."""
    settings = ClientLogoutSettings.of(application)
    told: dict[str, str | bool] = {}
    for channel in enabled_channels():
        uri = getattr(settings, f"{channel}_logout_uri")
        session_required = getattr(settings, f"{channel}_logout_session_required")
        told |= logout_members(channel, uri or None, session_required or None)
    return told


def replace(application: Any, members: Mapping[str, str | bool]) -> None:
    """Store what a client asks for; the rest goes back to its default."""
    settings, blank = ClientLogoutSettings.of(application), ClientLogoutSettings()
    for name in LOGOUT_MEMBERS:
        setattr(settings, name, members.get(name, getattr(blank, name)))
    try:
        settings.full_clean(exclude=["application"])
    except ValidationError as error:
        texts = (f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
        raise InvalidClientMetadata("; ".join(texts)) from None
    settings.keep()
