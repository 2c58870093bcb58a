import json
import logging
import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from jwcrypto.common import base64url_decode

from oidc_session.exceptions import NoSigningKey
from oidc_session.logout_token import logout_token
from tests.keys import rsa_pem
from tests.logout import ISSUER
from tests.notices import SECRET, application_at
from tests.swappable import Application

pytestmark = pytest.mark.django_db

WHAT = {"iss": "https://op.example/o", "sub": "person-1", "sid": "session-1"}


@pytest.fixture
def rp(db):
    return application_at("https://rp.example/backchannel", client_id="rp 1")


def published_keys(client):
    return KeySet.import_key_set(client.get("/o/.well-known/jwks.json").json())


def test_another_library_verifies_it_claim_by_claim(rp, client):
    before = int(time.time())
    token = jwt.decode(logout_token(rp, **WHAT), published_keys(client), algorithms=["RS256"])
    assert token.header == {"typ": "logout+jwt", "alg": "RS256", "kid": published_keys(client).keys[0].kid}
    issued, jti = token.claims.pop("iat"), token.claims.pop("jti")
    assert before <= issued <= time.time()
    assert len(jti) >= 20
    assert token.claims == {
        "iss": "https://op.example/o",
        "aud": "rp 1",
        "sub": "person-1",
        "sid": "session-1",
        "exp": issued + 120,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


def test_another_library_verifies_one_signed_with_the_client_secret(rp):
    rp.algorithm = Application.HS256_ALGORITHM
    token = jwt.decode(logout_token(rp, **WHAT), OctKey.import_key(SECRET), algorithms=["HS256"])
    assert token.header == {"typ": "logout+jwt", "alg": "HS256"}
    assert token.claims["aud"] == "rp 1"


def test_no_two_have_the_same_jti(rp):
    tokens = [logout_token(rp, **WHAT) for _ in range(5)]
    assert len({json.loads(base64url_decode(token.split(".")[1]))["jti"] for token in tokens}) == 5


def test_it_lives_as_long_as_is_set(rp, client, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS=30)
    claims = jwt.decode(logout_token(rp, **WHAT), published_keys(client)).claims
    assert claims["exp"] - claims["iat"] == 30


def test_it_has_no_subject_where_the_application_never_had_an_id_token(rp, client):
    claims = jwt.decode(logout_token(rp, **(WHAT | {"sub": ""})), published_keys(client)).claims
    assert "sub" not in claims


def test_it_is_no_id_token_hint(rp, client, alice):
    client.force_login(alice)
    hint = logout_token(rp, **(WHAT | {"iss": ISSUER, "sub": str(alice.pk)}))
    client.get("/o/logout/", {"id_token_hint": hint})
    assert client.get("/person/").content == b"alice"


BROKEN_PEM = rsa_pem().replace("MII", "MIJ", 1)


@pytest.mark.parametrize("pem", ["", "no key", BROKEN_PEM])
def test_key_that_cannot_sign_is_told_without_its_text(rp, provider, pem, caplog):
    caplog.set_level(logging.DEBUG)
    provider(OIDC_RSA_PRIVATE_KEY=pem)
    with pytest.raises(NoSigningKey) as raised:
        logout_token(rp, **WHAT)
    assert str(raised.value) == "There is no key to sign with."
    assert "MII" not in caplog.text


@pytest.mark.parametrize("changes", [{"algorithm": ""}, {"algorithm": "HS256", "client_secret": ""}])
def test_application_without_a_key_of_its_algorithm_is_told_of_as_such(rp, changes):
    for name, value in changes.items():
        setattr(rp, name, value)
    with pytest.raises(NoSigningKey):
        logout_token(rp, **WHAT)
