import json
import time

import pytest
from django.contrib.auth.hashers import make_password
from jwcrypto import jwk, jwt
from jwcrypto.common import base64url_encode
from oauth2_provider.models import Application
from oauth2_provider.utils import jwk_from_pem

from oidc_session.id_token_hint import claims_of
from tests.keys import rsa_pem

ISSUER = "https://op.example/o"
SECRET = "a client secret of 32 bytes or more"

pytestmark = pytest.mark.django_db


def id_token(key=None, alg="RS256", **changes):
    claims = {"iss": ISSUER, "sub": "1", "aud": "sample rp", "exp": int(time.time()) + 60} | changes
    key = key or jwk_from_pem(rsa_pem())
    header = {"alg": alg} | ({"kid": key.thumbprint()} if alg == "RS256" else {})
    token = jwt.JWT(header=header, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def secret_key(secret):
    return jwk.JWK(kty="oct", k=base64url_encode(secret))


def test_claims_of_an_id_token_of_ours(application):
    assert claims_of(id_token(), application, ISSUER)["sub"] == "1"


def test_expired_id_token_is_accepted(application):
    assert claims_of(id_token(exp=1), application, ISSUER)["sub"] == "1"


def test_id_token_signed_with_a_retired_key_is_accepted(application, provider):
    old = id_token(key=jwk_from_pem(rsa_pem("retired")))
    provider(OIDC_RSA_PRIVATE_KEYS_INACTIVE=[rsa_pem("retired")])
    assert claims_of(old, application, ISSUER)["sub"] == "1"


def unsigned():
    header, claims = {"alg": "none"}, {"iss": ISSUER, "sub": "1"}
    return ".".join([*(base64url_encode(json.dumps(part)) for part in (header, claims)), ""])


def encrypted():
    token = jwt.JWT(header={"alg": "RSA-OAEP", "enc": "A128GCM"}, claims={"iss": ISSUER, "sub": "1"})
    token.make_encrypted_token(jwk_from_pem(rsa_pem()))
    return token.serialize()


@pytest.mark.parametrize(
    "hint",
    [
        lambda: "",
        lambda: "nonsense",
        lambda: "a.b.c",
        lambda: id_token(iss="https://other.example"),
        lambda: id_token(key=jwk.JWK.generate(kty="RSA", size=2048)),
        lambda: id_token(key=secret_key(SECRET), alg="HS256"),
        lambda: id_token(key=secret_key(jwk_from_pem(rsa_pem()).export_to_pem().decode()), alg="HS256"),
        unsigned,
        lambda: id_token()[:-4] + "AAAA",
        encrypted,
    ],
    ids=[
        "empty",
        "nonsense",
        "dots",
        "issuer",
        "key",
        "secret",
        "public-key",
        "none",
        "signature",
        "encrypted",
    ],
)
def test_anything_else_is_refused(application, hint):
    assert claims_of(hint(), application, ISSUER) is None


def test_hs256_is_accepted_for_a_client_registered_for_it(application):
    application.algorithm = Application.HS256_ALGORITHM
    application.client_secret = SECRET
    hint = id_token(key=secret_key(SECRET), alg="HS256")
    assert claims_of(hint, application, ISSUER)["sub"] == "1"


def test_rs256_is_refused_for_a_client_registered_for_hs256(application):
    application.algorithm = Application.HS256_ALGORITHM
    application.client_secret = SECRET
    assert claims_of(id_token(), application, ISSUER) is None


def test_client_that_can_have_no_id_tokens_has_no_hints(application):
    application.algorithm = Application.NO_ALGORITHM
    assert claims_of(id_token(), application, ISSUER) is None


def test_client_whose_secret_cannot_be_a_key_has_no_hints(application):
    application.algorithm = Application.HS256_ALGORITHM
    application.client_secret = make_password(SECRET)
    assert claims_of(id_token(), application, ISSUER) is None
