"""Which key signs for whom, and which ones are published: there is one document for all clients."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from jwcrypto import jwk
from oauth2_provider.models import AbstractApplication, get_application_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem
from oauth2_provider.views import JwksInfoView

from testproject.op.faults.registry import active_profiles, profile_of


def key_named(name: str) -> jwk.JWK:
    first, second = oauth2_settings.OIDC_RSA_PRIVATE_KEY, oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE[0]
    return jwk_from_pem({"first": first, "second": second}[name])


def install() -> None:
    """Let clients choose the key of their ID and logout tokens, for which DOT has no hook."""
    application = get_application_model()
    application.jwk_key = property(signing_key_of)


def signing_key_of(application: AbstractApplication) -> jwk.JWK:
    if application.algorithm == application.RS256_ALGORITHM:
        return key_named(profile_of(application.client_id).keys[-1])
    return AbstractApplication.jwk_key.fget(application)


def published() -> set[str]:
    """Return the thumbprints of the published keys."""
    active = [set(profile.keys) for profile in active_profiles()]
    every = {"first"}.union(*active)
    names = every - {"first"} if {"second"} in active else every
    return {key_named(name).thumbprint() for name in names}


class FaultyJwksInfoView(JwksInfoView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        keys, kids = json.loads(response.content)["keys"], published()
        response.content = json.dumps({"keys": [key for key in keys if key["kid"] in kids]})
        return response
