"""Faults in what the provider tells of people, and in the tokens that it hands out."""

import json
from typing import Any

from jwcrypto import jws
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from testproject.op.faults.profile import Members, Profile
from testproject.op.faults.registry import profile_of


class FaultyValidatorMixin(OAuth2Validator):
    def get_oidc_claims(self, token: Any, token_handler: Any, request: Request) -> Members:
        claims = super().get_oidc_claims(token, token_handler, request)
        profile = profile_for(request)
        if "groups" not in claims or not profile.groups or (profile.after_refresh and not is_refreshed(request)):
            return claims
        return claims | profile.groups(claims.pop("groups"))

    def get_userinfo_claims(self, request: Request) -> Members:
        return profile_for(request).userinfo(super().get_userinfo_claims(request))

    def rotate_refresh_token(self, request: Request) -> bool:
        return profile_for(request).rotates and super().rotate_refresh_token(request)

    def save_bearer_token(self, token: Members, request: Request, *args: Any, **kwargs: Any) -> None:
        profile = profile_for(request)
        if profile.tokens:
            profile.tokens(token, profile.seconds)
        super().save_bearer_token(token, request, *args, **kwargs)
        if profile.id_token and "id_token" in token:  # Changed on its way out alone: the provider knows the right one.
            changed = remade(token.pop("id_token"), profile, request)
            token |= {"id_token": changed} if changed else {}


def profile_for(request: Request) -> Profile:
    return profile_of(request.client and request.client.client_id)


def is_refreshed(request: Request) -> bool:
    """Whether the access token of this answer, or the one that comes with this request, is of a refresh."""
    return request.grant_type == "refresh_token" or bool(getattr(request.access_token, "source_refresh_token_id", None))


def remade(serialized: str, profile: Profile, request: Request) -> str | None:
    token = jws.JWS()
    token.deserialize(serialized)
    return profile.id_token(token.jose_header, json.loads(token.objects["payload"]), request.client.jwk_key)
