"""What is kept of an ID token and the userinfo, and the groups that are in it, however the provider writes them."""

import csv
from typing import Any

from django.utils.module_loading import import_string

from oidc_session.rp.conf import Provider
from oidc_session.rp.userinfo import PROTOCOL_CLAIMS, userinfo

Claims = dict[str, Any]


def claims_of(provider: Provider, id_claims: Claims, access_token: str) -> Claims:
    """Return the claims to keep: the userinfo's before the ID token's, as the project's function changes them.

    Raises ProviderUnavailable or UserinfoRefused where userinfo is required.
    """
    claims = id_claims | userinfo(provider, id_claims["sub"], access_token)
    if provider.map_claims:
        claims = import_string(provider.map_claims)(dict(claims), provider.name)
    return claims | {name: value for name, value in id_claims.items() if name in PROTOCOL_CLAIMS}


def groups_of(provider: Provider, claims: Claims) -> list[str]:
    """Return the person's groups: of a list its strings, of a string its parts beside the whole."""
    written = claims.get(provider.groups_claim)
    if isinstance(written, str):
        written = [*_parts(written), written]
    if not isinstance(written, list):
        return []
    return list(dict.fromkeys(group for group in written if isinstance(group, str) and group.strip()))


def _parts(written: str) -> list[str]:
    """Return the parts of a comma-separated string, in which a quoted one may have commas of its own."""
    try:
        rows = list(csv.reader([written], skipinitialspace=True, strict=True))
    except csv.Error:
        return []
    return [part.strip() for row in rows for part in row]
