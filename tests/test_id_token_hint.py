import json
import time

import pytest
from django.contrib.auth.hashers import make_password
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import base64url_encode
from oauth2_provider.utils import jwk_from_pem

from oidc_session.id_token_hint import claimed_audience, claims_of, is_expired
from tests.keys import rsa_pem
from tests.swappable import Application

ISSUER = "https://op.example/o"
SECRET = "a client secret of 32 bytes or more"

pytestmark = pytest.mark.django_db


def id_token(key=None, alg="RS256", typ=None, **changes):
    claims = {"iss": ISSUER, "sub": "1", "aud": "sample rp", "exp": int(time.time()) + 60} | changes
    key = key or jwk_from_pem(rsa_pem())
    header = {"alg": alg} | ({"kid": key.thumbprint()} if alg == "RS256" else {})
    header |= {"typ": typ} if typ else {}
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
        lambda: id_token(typ="logout+jwt"),
        lambda: id_token(events={"http://schemas.openid.net/event/backchannel-logout": {}}),
        lambda: id_token(sub=None),
        lambda: ".".join([base64url_encode("[" * 100_000), "", ""]),
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
        "logout-token-type",
        "logout-token-events",
        "no-sub",
        "deep",
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


def test_client_that_signs_nonsense_with_its_secret_is_refused(application):
    application.algorithm = Application.HS256_ALGORITHM
    application.client_secret = SECRET
    for payload in ("[" * 100_000, "7", "nonsense"):
        token = jws.JWS(payload)
        token.add_signature(secret_key(SECRET), protected='{"alg": "HS256"}')
        assert claims_of(token.serialize(compact=True), application, ISSUER) is None


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


def test_id_token_may_say_that_it_is_a_jwt(application):
    assert claims_of(id_token(typ="JWT"), application, ISSUER)["sub"] == "1"


@pytest.mark.parametrize(
    ("audience", "clients"),
    [
        ("sample rp", ["sample rp"]),
        (["api", "sample rp"], ["api", "sample rp"]),
        ([7, "sample rp", None], ["sample rp"]),
        (["a"] * 100_000, ["a"] * 10),
        (7, []),
        ({"a": 1}, []),
    ],
)
def test_claimed_audience(audience, clients):
    assert claimed_audience(f".{base64url_encode(json.dumps({'aud': audience}))}.") == clients


@pytest.mark.parametrize("payload", ["", "{}", "[]", "7", '"aud"', "[" * 100_000, "nonsense"])
def test_nonsense_claims_no_audience(payload):
    assert claimed_audience(f".{base64url_encode(payload)}.") == []


@pytest.mark.parametrize("hint", ["", "a", ".é.", ".a.", "...."])
def test_what_is_no_token_claims_no_audience(hint):
    assert claimed_audience(hint) == []


def test_is_expired():
    now = int(time.time())
    assert not is_expired({"exp": now + 60})
    assert is_expired({"exp": now - 60})
    assert is_expired({})
