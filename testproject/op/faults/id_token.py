"""ID tokens that a client must refuse: OpenID Connect Core 1.0, "ID Token Validation"."""

import json
import time
from collections.abc import Callable
from functools import cache

from jwcrypto import jwk, jws, jwt
from jwcrypto.common import base64url_encode

from testproject.op.faults.profile import Members, Profile

HOUR = 60 * 60


def signed(header: Members, claims: Members, key: jwk.JWK) -> str:
    token = jwt.JWT(header=header, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def claiming(tells: str, changes: Callable[[Members], Members]) -> Profile:
    return Profile(tells, id_token=lambda header, claims, key: signed(header, claims | changes(claims), key))


@cache
def key_of_a_stranger() -> jwk.JWK:
    return jwk.JWK.generate(kty="RSA", size=2048)


def wrongly_signed(header: Members, claims: Members, key: jwk.JWK) -> str:
    return signed(header, claims, key_of_a_stranger())


def signed_with_unknown_key(header: Members, claims: Members, key: jwk.JWK) -> str:
    stranger = key_of_a_stranger()
    return signed(header | {"kid": stranger.thumbprint()}, claims, stranger)


def unsigned(header: Members, claims: Members, key: jwk.JWK) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(base64url_encode(json.dumps(part)) for part in parts), ""])


def signed_with_public_key_as_secret(header: Members, claims: Members, key: jwk.JWK) -> str:
    token = jws.JWS(json.dumps(claims))
    secret = jwk.JWK(kty="oct", k=base64url_encode(key.export_to_pem()))
    token.add_signature(secret, protected=json.dumps(header | {"alg": "HS256"}))
    return token.serialize(compact=True)


def past(claims: Members) -> Members:
    return {"iat": claims["iat"] - 2 * HOUR, "exp": int(time.time()) - HOUR}


def future(claims: Members) -> Members:
    return {"iat": claims["iat"] + HOUR, "exp": claims["exp"] + HOUR}


PROFILES = {
    "id-token-missing": Profile("no ID token", id_token=lambda header, claims, key: None),
    "id-token-expired": claiming("`exp` was an hour ago", past),
    "id-token-from-the-future": claiming("`iat` is in an hour", future),
    "id-token-wrongly-signed": Profile("signed by a stranger, under the `kid` of our key", id_token=wrongly_signed),
    "id-token-unknown-key": Profile("signed by a key that is not published", id_token=signed_with_unknown_key),
    "id-token-unsigned": Profile("`alg: none`", id_token=unsigned),
    "id-token-signed-with-public-key": Profile(
        "HS256 with our public key as the secret", id_token=signed_with_public_key_as_secret
    ),
    "id-token-another-issuer": claiming("`iss` is another's", lambda claims: {"iss": "https://another.example/o"}),
    "id-token-another-audience": claiming("`aud` is another client", lambda claims: {"aud": "another-client"}),
    "id-token-foreign-azp": claiming(
        "`aud` has another client, too, and `azp` names it",
        lambda claims: {"aud": [claims["aud"], "another-client"], "azp": "another-client"},
    ),
    "id-token-another-nonce": claiming("`nonce` is not the one sent", lambda claims: {"nonce": "another-nonce"}),
    "id-token-another-sub": claiming("`sub` is somebody else", lambda claims: {"sub": "somebody-else"}),
}
