"""The logout token of OpenID Connect Back-Channel Logout 1.0, "Logout Token"."""

import json
import secrets
import time

from django.core.exceptions import ImproperlyConfigured
from jwcrypto import jwt
from jwcrypto.common import JWException
from oauth2_provider.models import AbstractApplication

from oidc_session.conf import conf
from oidc_session.exceptions import NoSigningKey

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def logout_token(application: AbstractApplication, *, iss: str, sub: str, sid: str) -> str:
    """Return a token that tells an application of one ended session: new with each call, so that none is a replay.

    `iss`, `sub` and `sid` as its ID token had them; no `sub` where it never had one. NoSigningKey where there is no key
    of the algorithm that the application's ID tokens are signed with.
    """
    now = int(time.time())
    claims = {
        "iss": iss,
        "aud": application.client_id,
        "iat": now,
        "exp": now + int(conf.BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS),
        "jti": secrets.token_urlsafe(16),
        "events": {EVENT: {}},
        "sid": sid,
    }
    return _signed(application, claims | ({"sub": sub} if sub else {}))


def _signed(application: AbstractApplication, claims: dict[str, object]) -> str:
    header = {"typ": TYPE, "alg": application.algorithm}
    try:
        key = application.jwk_key  # Parsed once a process: DOT remembers it.
        if application.algorithm == application.RS256_ALGORITHM:
            header["kid"] = key.thumbprint()
        token = jwt.JWT(header=header, claims=json.dumps(claims))
        token.make_signed_token(key)
    except (ImproperlyConfigured, JWException, ValueError):  # Whose texts may hold some of the key.
        raise NoSigningKey("There is no key to sign with.") from None
    serialized: str = token.serialize()
    return serialized
