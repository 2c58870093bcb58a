"""The client metadata of Front-Channel Logout 1.0 and Back-Channel Logout 1.0: two members for each channel."""

from oidc_session.conf import enabled_channels
from oidc_session.exceptions import InvalidClientMetadata
from oidc_session.json_members import Members

LOGOUT_MEMBERS = (
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
)


def enabled_members() -> list[str]:
    """Return the members of the channels that are on."""
    return [name for name in LOGOUT_MEMBERS if name.partition("_")[0] in enabled_channels()]


def parse_logout_members(members: Members) -> dict[str, str | bool]:
    """Return what a client asks for, with the defaults; InvalidClientMetadata where a channel is off."""
    for name in LOGOUT_MEMBERS:
        if name not in enabled_members() and members.asks_for(name):
            raise InvalidClientMetadata(f"{name} is not supported")
    told: dict[str, str | bool] = {}
    for channel in enabled_channels():
        uri = members.text(f"{channel}_logout_uri")
        if uri == "":
            raise InvalidClientMetadata(f"{channel}_logout_uri must not be empty")
        told |= logout_members(channel, uri, members.flag(f"{channel}_logout_session_required"))
    return told


def logout_members(channel: str, uri: str | None, session_required: bool | None) -> dict[str, str | bool]:
    """Return what a client is told of one channel: nothing where it has asked for nothing."""
    if uri is None and session_required is None:
        return {}
    told: dict[str, str | bool] = {} if uri is None else {f"{channel}_logout_uri": uri}
    return told | {f"{channel}_logout_session_required": bool(session_required)}
