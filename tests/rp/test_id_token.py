"""OpenID Connect Core 1.0, "ID Token Validation": each rule, with the keys from a real HTTP server."""

import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from jwcrypto import jwk, jws
from jwcrypto.common import base64url_encode

from oidc_session.rp.exceptions import InvalidToken, ProviderUnavailable, UnknownKey
from oidc_session.rp.id_token import continued, left_hash, validated
from tests.rp.provider import Answer, new_key, signed

NOW, A_DAY = int(time.time()), 24 * 3600


@pytest.fixture
def validate(demo):
    """Return what validates an ID token as the answer to a login with the nonce "n"."""
    return lambda token: validated(demo(), token, nonce="n", access_token="access")


def token(op, **kwargs):
    return op.id_token(**{"access_token": "access", "nonce": "n"} | kwargs)


def unsigned(claims):
    header = base64url_encode(json.dumps({"alg": "none"}))
    return f"{header}.{base64url_encode(json.dumps(claims))}."


def test_good_token_gives_its_claims(op, validate):
    assert validate(token(op, name="Alice"))["name"] == "Alice"


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"iss": "https://evil.example"}, "iss is not"),
        ({"iss": None}, "iss is not"),
        ({"aud": "another"}, "aud is not"),
        ({"aud": None}, "aud is not"),
        ({"aud": []}, "aud is not"),
        ({"aud": ["rp", "another"], "azp": "rp"}, "aud has others"),
        ({"aud": ["rp", 1]}, "aud has others"),
        ({"azp": "another"}, "azp is not"),
        ({"aud": "another", "azp": "rp"}, "aud is not"),
        ({"sub": None}, "sub is missing"),
        ({"sub": ""}, "sub is missing"),
        ({"sub": 1}, "sub is missing"),
        ({"exp": None}, "exp is missing"),
        pytest.param({"exp": str(NOW + 300)}, "exp is missing", id="exp as a string"),
        ({"exp": True}, "exp is missing"),
        pytest.param({"exp": NOW - 60}, "exp has passed", id="exp a minute ago"),
        ({"exp": float("nan")}, "exp has passed"),
        ({"iat": None}, "iat is missing"),
        pytest.param({"iat": NOW + A_DAY}, "iat is in the future", id="iat tomorrow"),
        ({"nonce": None}, "nonce is not"),
        ({"nonce": "other"}, "nonce is not"),
        ({"nonce": ["n"]}, "nonce is not"),
        ({"at_hash": "wrong"}, "at_hash is not"),
        ({"at_hash": ["wrong"]}, "at_hash is not"),
        ({"events": {}}, "logout token"),
    ],
    ids=str,
)
def test_broken_rule(op, validate, broken, rule):
    with pytest.raises(InvalidToken, match=rule):
        validate(token(op, **broken))


@pytest.mark.parametrize("garbage", [None, "", "a", "a.b.c", "..", 1, {}, "a.b.c.d.e", "é.é.é"])
def test_garbage_is_no_token(op, validate, garbage):
    with pytest.raises(InvalidToken):
        validate(garbage)


@pytest.mark.parametrize("claims", [[], "text", None])
def test_claims_that_are_no_object(op, validate, claims):
    header = {"alg": "RS256", "kid": "first"}
    made = jws.JWS(json.dumps(claims).encode())
    made.add_signature(op.keys[0], protected=json.dumps(header))
    with pytest.raises(InvalidToken, match="no object"):
        validate(made.serialize(compact=True))


def test_token_that_is_not_signed(op, validate):
    with pytest.raises(InvalidToken, match="alg is not"):
        validate(unsigned({"iss": op.url, "sub": "alice", "aud": "rp", "nonce": "n", "iat": NOW, "exp": NOW + 3600}))


def test_token_signed_with_the_public_key_as_a_secret(op, validate):
    pem = op.keys[0].export_to_pem()
    secret = jwk.JWK(kty="oct", k=base64url_encode(pem), kid="first")
    with pytest.raises(InvalidToken, match="alg is not"):
        validate(token(op, alg="HS256", key=secret))


def test_token_signed_with_the_client_s_secret(op, validate):
    secret = jwk.JWK(kty="oct", k=base64url_encode(b"only-tests" * 4), kid="first")
    with pytest.raises(InvalidToken, match="alg is not"):
        validate(token(op, alg="HS256", key=secret))


def test_algorithm_that_is_not_allowed_is_refused(op, validate, rp):
    rp({"algorithms": ["ES256"]})
    with pytest.raises(InvalidToken, match="alg is not"):
        validate(token(op))


def test_changed_claims_are_not_signed(op, validate):
    header, claims, signature = token(op).split(".")
    other = token(op, sub="mallory").split(".")[1]
    with pytest.raises(InvalidToken):
        validate(f"{header}.{other}.{signature}")
    assert claims != other


def test_key_of_another_under_a_known_kid(op, validate):
    with pytest.raises(UnknownKey):
        validate(token(op, key=new_key("first")))


def test_key_brought_along_in_the_header_is_not_used(op, validate):
    mallory = new_key("mallory")
    header = {"jwk": mallory.export_public(as_dict=True), "kid": None}
    with pytest.raises(InvalidToken):
        validate(token(op, key=mallory, header=header))


def test_critical_header_that_we_do_not_know(op, validate):
    header = base64url_encode(json.dumps({"alg": "RS256", "kid": "first", "crit": ["odd"], "odd": 1}))
    signed_part = f"{header}.{token(op).split('.')[1]}"
    private = op.keys[0].get_op_key("sign")
    signature = private.sign(signed_part.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidToken):
        validate(f"{signed_part}.{base64url_encode(signature)}")


@pytest.mark.parametrize(("alg", "kty"), [("PS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP"), ("RS512", "RSA")])
def test_other_algorithms_work_where_allowed(op, validate, rp, alg, kty):
    rp({"algorithms": [alg]})
    op.keys = [new_key("other", kty)]
    assert validate(token(op, alg=alg))["sub"] == "alice-sub"


def test_token_without_kid_is_tried_with_all_keys(op, validate):
    op.keys = [new_key("other"), *op.keys]
    assert validate(token(op, header={"kid": None}))


def test_rotated_key_is_found(op, validate):
    validate(token(op))
    op.rotate_key()
    assert validate(token(op))
    assert len(op.asked("/jwks")) == 2


def test_unknown_keys_do_not_spray_the_provider(op, validate):
    for number in range(5):
        with pytest.raises(UnknownKey):
            validate(token(op, key=new_key(f"unknown {number}")))
    assert len(op.asked("/jwks")) == 2
    assert validate(token(op))


def test_keys_that_cannot_be_had_are_nobodys_fault(op, validate):
    op.answers["/jwks"] = Answer({}, 500)
    with pytest.raises(ProviderUnavailable):
        validate(token(op))


def test_clocks_may_differ_a_little(op, validate, rp):
    now = int(time.time())
    assert validate(token(op, iat=now + 20, exp=now - 20))
    rp({"leeway": 0})
    with pytest.raises(InvalidToken):
        validate(token(op, exp=now - 20))


def test_audience_may_have_those_that_are_trusted(op, validate, rp):
    rp({"trusted_audiences": ["other"]})
    assert validate(token(op, aud=["rp", "other"], azp="rp"))
    with pytest.raises(InvalidToken, match="azp is missing"):
        validate(token(op, aud=["rp", "other"]))
    with pytest.raises(InvalidToken, match="azp is not"):
        validate(token(op, aud=["rp", "other"], azp="other"))


def test_at_hash_may_be_absent(op, validate):
    assert validate(token(op, access_token=""))


def test_secrets_are_not_in_the_exception(op, validate):
    wrong = token(op, nonce="other")
    with pytest.raises(InvalidToken) as caught:
        validate(wrong)
    text = f"{caught.value!r}"
    assert not any(secret in text for secret in (wrong, "other", "access"))


def test_left_hash_has_half_of_the_algorithms_hash():
    assert left_hash("access", "RS256") == left_hash("access", "ES256")
    assert len({len(left_hash("access", alg)) for alg in ("RS256", "ES384", "PS512")}) == 3
    assert left_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


# Refreshed


@pytest.fixture
def go_on(op, demo):
    """Return what validates a refreshed ID token after one with those claims."""

    def go_on(before=None, **claims):
        before = {"iss": op.url, "sub": "alice-sub", "aud": "rp", "nonce": "n", "auth_time": 5} | (before or {})
        return continued(demo(), op.id_token(access_token="access", **claims), before=before, access_token="access")

    return go_on


def test_refreshed_token_goes_on(go_on):
    assert go_on(auth_time=5, groups=["staff"])["groups"] == ["staff"]


def test_refreshed_token_may_have_the_nonce_and_lack_the_time(go_on):
    claims = go_on(nonce="n")
    assert (claims["nonce"], claims["auth_time"]) == ("n", 5)


def test_what_a_refreshed_token_lacks_is_lost(go_on):
    assert "groups" not in go_on(before={"groups": ["staff"]})


def test_audience_may_be_written_as_a_list(go_on):
    assert go_on(aud=["rp"])


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "mallory"},
        {"auth_time": 6},
        {"nonce": "other"},
        {"iss": "https://evil.example"},
        {"aud": "x"},
        {"exp": 1},
    ],
    ids=str,
)
def test_refreshed_token_of_another_login(go_on, claims):
    with pytest.raises(InvalidToken):
        go_on(**claims)


def test_refreshed_token_of_another_audience(go_on, rp):
    rp({"trusted_audiences": ["other"]})
    with pytest.raises(InvalidToken, match="aud is not what it was"):
        go_on(aud=["rp", "other"], azp="rp")


def test_refreshed_token_of_another_party(go_on):
    with pytest.raises(InvalidToken, match="azp is not what it was"):
        go_on(before={"azp": "x"}, azp="rp")


def test_signed_by_hand_is_as_good(op, validate):
    claims = {"iss": op.url, "sub": "a", "aud": "rp", "nonce": "n", "iat": NOW, "exp": NOW + 3600}
    assert validate(signed(op.keys[0], claims)) == claims
