"""The system checks of the names in OIDC_RP["providers"]."""

import re
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error
from django.http import HttpRequest

from oidc_session.rp.visit import Visitor

NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def bad_name(name: str) -> Iterator[CheckMessage]:
    if not NAME.fullmatch(name):
        yield Error(
            f'OIDC_RP["providers"]: {name!r} must be a name of a-z, 0-9, "-" and "_".',
            hint='It becomes a part of addresses and of the cookie\'s name. Write: "providers": {"demo": {...}}.',
            id="oidc_session_rp.E003",
        )


def ambiguous_name(name: str) -> Iterator[CheckMessage]:
    if name in {*dir(Visitor), *vars(Visitor(HttpRequest()))}:
        yield Error(
            f'OIDC_RP["providers"]: {name!r} must not be the name of an attribute of request.oidc.',
            hint=f'Templates would show the provider in its place. Write: "providers": {{"{name}_op": {{...}}}}.',
            id="oidc_session_rp.E029",
        )
