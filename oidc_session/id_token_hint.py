"""The id_token_hint of OpenID Connect Core 1.0, "Authentication Request", and RP-Initiated Logout 1.0."""

import json
import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException, base64url_decode
from oauth2_provider.models import AbstractApplication
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

MOST_AUDIENCES = 10


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
    except (JWException, ImproperlyConfigured, ValueError, TypeError, RecursionError):
        return None
    return claims if _is_id_token(json.loads(token.header), claims) else None


def claimed_audience(id_token_hint: str) -> list[str]:
    """Return the clients that an ID token says it is for; nothing of it is verified yet."""
    audience = _claimed(id_token_hint).get("aud")
    several = audience if isinstance(audience, list) else [audience]
    return [client_id for client_id in several if isinstance(client_id, str)][:MOST_AUDIENCES]


def claimed_sid(id_token_hint: str) -> str:
    """Return the session that an ID token says it is about, empty where it names none; nothing is verified yet."""
    sid = _claimed(id_token_hint).get("sid")
    return sid if isinstance(sid, str) and sid.isprintable() else ""  # No database takes all the others.


def is_expired(claims: dict[str, Any]) -> bool:
    return claims.get("exp", 0) <= time.time()


def _claimed(id_token_hint: str) -> dict[str, Any]:
    try:
        claims = json.loads(base64url_decode(id_token_hint.split(".")[1]))
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _is_id_token(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Tell an ID token from what else the provider signs: Back-Channel Logout 1.0, "Logout Token", has `events`."""
    return header.get("typ", "JWT") == "JWT" and "events" not in claims and isinstance(claims.get("sub"), str)


def _keys(application: AbstractApplication) -> jwk.JWK | jwk.JWKSet:
    if application.algorithm == application.HS256_ALGORITHM:
        return application.jwk_key
    keys = jwk.JWKSet()
    for pem in (oauth2_settings.OIDC_RSA_PRIVATE_KEY, *oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE):
        keys.add(jwk_from_pem(pem))
    return keys
