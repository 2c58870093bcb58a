"""The id_token_hint of OpenID Connect Core 1.0, "Authentication Request"."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException
from oauth2_provider.models import AbstractApplication
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem


def claims_of(id_token_hint: str, application: AbstractApplication, issuer: str) -> dict[str, Any] | None:
    """Return the claims of an ID token that this provider signed for the application or another, expired or not.

    None for anything else: the hint is then to be treated as somebody else's.
    """
    try:
        token = jwt.JWT(
            jwt=id_token_hint,
            key=_keys(application),
            algs=[application.algorithm],
            expected_type="JWS",
            check_claims={"iss": issuer},  # And not `exp`: the session may outlive the token.
        )
        claims: dict[str, Any] = json.loads(token.claims)
    except (JWException, ImproperlyConfigured, ValueError, TypeError):
        return None
    return claims


def _keys(application: AbstractApplication) -> jwk.JWK | jwk.JWKSet:
    if application.algorithm == application.HS256_ALGORITHM:
        return application.jwk_key
    keys = jwk.JWKSet()
    for pem in (oauth2_settings.OIDC_RSA_PRIVATE_KEY, *oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE):
        keys.add(jwk_from_pem(pem))
    return keys
