"""The clients by which the relying party is known at oidc-provider: one for each way to be one."""

import json
from dataclasses import dataclass, field

ASK = {"prompt": "consent"}  # Without which oidc-provider gives nobody a refresh token.
GROUPS_IN_ID_TOKEN = {
    "userinfo": "off",
    "authorization_parameters": ASK | {"claims": json.dumps({"id_token": {"groups": None}})},
}


@dataclass(frozen=True)
class Way:
    """One client: as it is registered, and as the relying party has it in its settings."""

    registered: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)


WAYS = {
    "demo": Way(),
    "posted-secret": Way(
        {"token_endpoint_auth_method": "client_secret_post"}, {"token_endpoint_auth_method": "client_secret_post"}
    ),
    "public": Way({"token_endpoint_auth_method": "none"}, {"token_endpoint_auth_method": "none", "client_secret": ""}),
    "ps256": Way({"id_token_signed_response_alg": "PS256"}),
    "es256": Way({"id_token_signed_response_alg": "ES256"}),
    "without-sid": Way({"backchannel_logout_session_required": False}),
    "max-age": Way(settings={"max_age": 300}),
    "groups-in-id-token": Way(settings=GROUPS_IN_ID_TOKEN),
    "short-hint": Way(settings=GROUPS_IN_ID_TOKEN | {"long_logout_hint": "short"}),
}
WRONG = {"wrong-secret": Way(settings={"client_secret": "another"})}


def credentials(name):
    """Return an id and a secret in which every character must be encoded that may have to be."""
    return {"client_id": f"{name} of the tests: 100%", "client_secret": "a+b c%20/&=?:~"}


def settings(issuer, name, way):
    usual = {"scope": "openid offline_access", "userinfo": "required", "authorization_parameters": ASK}
    return {"issuer": issuer} | credentials(name) | usual | way.settings


def registered(addresses, name, way):
    usual = {
        "redirect_uris": [f"{address}/oidc/{name}/callback/" for address in addresses],
        "post_logout_redirect_uris": [f"{address}/" for address in addresses],
        "backchannel_logout_uri": f"{addresses[0]}/oidc/{name}/backchannel-logout/",
        "backchannel_logout_session_required": True,
        "grant_types": ["authorization_code", "refresh_token"],
    }
    return credentials(name) | usual | way.registered


def all_settings(issuer):
    return {name: settings(issuer, name, way) for name, way in (WAYS | WRONG).items()}


def all_registered(*addresses):
    return [registered(addresses, name, way) for name, way in (WAYS | WRONG).items()]
