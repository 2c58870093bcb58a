"""The sample relying party is told of logouts by a provider made up here: its receivers, in a process of their own."""

import json
import os
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from jwcrypto import jwk, jws
from jwcrypto.common import base64url_encode

from tests import provider_double
from tests.keys import rsa_pem
from tests.provider_double import KEY, signed
from tests.servers import answers, listening, manage, port, server

OTHER_KEY = jwk.JWK.from_pem(rsa_pem("another").encode())
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(scope="module")
def op():
    with provider_double.provider() as double:
        yield double


@pytest.fixture(scope="module")
def rp(op, tmp_path_factory):
    """Return where the sample relying party is."""
    folder = tmp_path_factory.mktemp("rp")
    with listening() as listener:
        url = f"http://localhost:{port(listener)}"
        environment = os.environ | {
            "RP_URL": url,
            "RP_ISSUER": op.issuer,
            "RP_DATABASE_URL": f"sqlite:///{folder / 'rp.sqlite3'}",
            "RP_SECRET_KEY": "only-for-the-tests",
        }
        manage("migrate", "rp", environment)
        with server("rp", listener, [], environment, folder / "rp.log"):
            answers(listener, None)
            yield url


class Browser:
    """Somebody's browser at the relying party."""

    def __init__(self, rp, sub):
        self.rp = rp
        self.sub = sub
        self.sid = f"sid-{uuid.uuid4()}"
        self.http = requests.Session()
        self.come_back(*self.go("login"))

    def go(self, view):
        location = self.http.get(f"{self.rp}/oidc/demo/{view}/", allow_redirects=False).headers["Location"]
        sent = parse_qs(urlsplit(location).query)
        return sent["state"][0], sent["nonce"][0]

    def come_back(self, state, nonce):
        code = json.dumps({"sub": self.sub, "sid": self.sid, "nonce": nonce})
        parameters = {"state": state, "code": code, "session_state": "a.b"}
        self.http.get(f"{self.rp}/oidc/demo/callback/", params=parameters, allow_redirects=False)

    @property
    def is_signed_in(self):
        told = self.http.get(f"{self.rp}/oidc/status/").json()["demo"]
        return {"active": True, "anonymous": False}[told["state"]]


@pytest.fixture
def alice(rp):
    browser = Browser(rp, f"alice-{uuid.uuid4()}")
    assert browser.is_signed_in
    return browser


@pytest.fixture
def claims(op, alice):
    """Return what makes the claims of a valid logout token of alice's session, but for the changes."""

    def make(**changes):
        valid = {"sid": alice.sid, "sub": alice.sub, "jti": str(uuid.uuid4()), "events": {EVENT: {}}}
        return op.claims(**valid | changes)

    return make


def logout_token(claims, key=KEY, **header):
    return signed(claims, key, **{"typ": "logout+jwt"} | header)


@pytest.fixture
def post(rp):
    def post(token, **more):
        return requests.post(f"{rp}/oidc/demo/backchannel-logout/", {"logout_token": token}, **more)

    return post


@pytest.fixture
def show(rp):
    def show(**parameters):
        return requests.get(f"{rp}/oidc/demo/frontchannel-logout/", parameters, allow_redirects=False)

    return show


def assert_refused(answer):
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["Cache-Control"] == "no-store"


# Back channel


@pytest.mark.parametrize("left_out", [[], ["sid"], ["sub"]], ids=["sid and sub", "sub alone", "sid alone"])
def test_logout_token_ends_the_session(alice, claims, post, left_out):
    answer = post(logout_token(claims(**dict.fromkeys(left_out))))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not alice.is_signed_in


def test_page_that_needs_a_login_is_shown_to_nobody_afterwards(alice, claims, post):
    post(logout_token(claims()))
    answer = alice.http.get(f"{alice.rp}/members/", allow_redirects=False)
    assert answer.headers["Location"] == "/oidc/demo/login/?next=%2Fmembers%2F"


def test_sid_ends_one_session_of_a_person(alice, claims, post):
    elsewhere = Browser(alice.rp, alice.sub)
    post(logout_token(claims()))
    assert not alice.is_signed_in
    assert elsewhere.is_signed_in


def test_sub_alone_ends_each_session_of_a_person_and_of_nobody_else(alice, claims, post):
    elsewhere, bob = Browser(alice.rp, alice.sub), Browser(alice.rp, f"bob-{uuid.uuid4()}")
    post(logout_token(claims(sid=None)))
    assert [browser.is_signed_in for browser in (alice, elsewhere, bob)] == [False, False, True]


def test_sid_of_another_person_ends_nothing(alice, claims, post):
    assert post(logout_token(claims(sub="bob"))).status_code == 200
    assert alice.is_signed_in


def test_session_that_is_not_there_counts_as_ended(claims, post):
    assert post(logout_token(claims(sid="unknown"))).status_code == 200


def test_next_login_is_another_session(alice, claims, post):
    post(logout_token(claims()))
    alice.sid = "the-next"
    alice.come_back(*alice.go("login"))
    assert alice.is_signed_in


def test_silent_login_that_was_under_way_brings_nobody_back(alice, claims, post):
    under_way = alice.go("silent")
    post(logout_token(claims()))
    alice.come_back(*under_way)
    assert not alice.is_signed_in


@pytest.mark.parametrize("typ", ["LOGOUT+JWT", "application/logout+jwt"])
def test_type_may_be_written_in_each_way_of_a_media_type(alice, claims, post, typ):
    assert post(logout_token(claims(), typ=typ)).status_code == 200
    assert not alice.is_signed_in


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "second-rp"},
        {"aud": ["sample-rp", "second-rp"]},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": 4_102_444_800},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"events": None},
        {"events": {}},
        {"events": [EVENT]},
        {"events": EVENT},
        {"events": {EVENT: None}},
        {"events": {EVENT: "yes"}},
        {"events": {"http://schemas.openid.net/event/another": {}}},
        {"nonce": "n-1"},
        {"nonce": ""},
        {"sid": None, "sub": None},
        {"sid": ""},
        {"sid": ["a"]},
        {"sub": ""},
        {"sub": 7},
    ],
    ids=str,
)
def test_logout_token_with_a_wrong_claim_is_refused(alice, claims, post, changes):
    assert_refused(post(logout_token(claims(**changes))))
    assert alice.is_signed_in


def test_null_nonce_is_refused(alice, claims, post):
    assert_refused(post(logout_token(claims() | {"nonce": None})))
    assert alice.is_signed_in


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "secevent+jwt"])
def test_token_of_another_type_is_refused(alice, claims, post, typ):
    assert_refused(post(logout_token(claims(), typ=typ)))
    assert alice.is_signed_in


def test_id_token_is_no_logout_token(op, alice, post):
    assert_refused(post(signed(op.claims(sub=alice.sub, sid=alice.sid, nonce="n-1"))))
    assert alice.is_signed_in


def unsigned(claims):
    header = json.dumps({"alg": "none", "typ": "logout+jwt"})
    return f"{base64url_encode(header)}.{base64url_encode(json.dumps(claims))}."


def signed_with_public_key_as_secret(claims):
    secret = jwk.JWK(kty="oct", k=base64url_encode(KEY.export_to_pem()))
    token = jws.JWS(json.dumps(claims))
    token.add_signature(secret, protected=json.dumps({"alg": "HS256", "typ": "logout+jwt"}))
    return token.serialize(compact=True)


FORGED = {
    "alg none": unsigned,
    "public key as secret": signed_with_public_key_as_secret,
    "another's key": lambda claims: logout_token(claims, OTHER_KEY),
    "another's key by its own name": lambda claims: logout_token(claims, OTHER_KEY, kid=OTHER_KEY.kid),
    "altered": lambda claims: logout_token(claims)[:-8] + "AAAAAAAA",
    "no object": lambda claims: logout_token(json.dumps([claims])),
    "nonsense": lambda claims: "not.a.token",
    "empty": lambda claims: "",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_logout_token_that_the_provider_did_not_sign_is_refused(alice, claims, post, forge):
    assert_refused(post(forge(claims())))
    assert alice.is_signed_in


def test_logout_token_is_good_once(alice, claims, post):
    token = logout_token(claims(sid=None))
    assert post(token).status_code == 200
    alice.come_back(*alice.go("login"))
    assert_refused(post(token))
    assert alice.is_signed_in


def test_refused_token_does_not_use_up_its_jti(alice, claims, post):
    made = claims()
    assert_refused(post(logout_token(made | {"aud": "second-rp"})))
    assert post(logout_token(made)).status_code == 200
    assert not alice.is_signed_in


@pytest.mark.parametrize("how", ["json", "query", "twice", "missing"])
def test_logout_token_is_taken_from_one_form_parameter_alone(alice, rp, claims, how):
    token = {"logout_token": logout_token(claims())}
    request = {
        "json": {"json": token},
        "query": {"params": token},
        "twice": {"data": [*token.items()] * 2},
        "missing": {"data": {"another": "value"}},
    }[how]
    assert_refused(requests.post(f"{rp}/oidc/demo/backchannel-logout/", **request))
    assert alice.is_signed_in


def test_unknown_parameters_are_ignored(alice, rp, claims):
    form = {"logout_token": logout_token(claims()), "another": "value"}
    assert requests.post(f"{rp}/oidc/demo/backchannel-logout/", form).status_code == 200
    assert not alice.is_signed_in


def test_back_channel_is_no_page(alice, rp, claims):
    answer = requests.get(f"{rp}/oidc/demo/backchannel-logout/", {"logout_token": logout_token(claims())})
    assert answer.status_code == 405
    assert alice.is_signed_in


# Front channel


def test_frame_ends_the_session_without_its_cookie(op, alice, show):
    answer = show(iss=op.issuer, sid=alice.sid)
    assert (answer.status_code, answer.content, answer.cookies.get_dict()) == (200, b"", {})
    assert not alice.is_signed_in


def test_frame_may_stand_in_the_providers_page_and_in_no_cache(op, alice, show):
    answer = show(iss=op.issuer, sid=alice.sid)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == f"default-src 'none'; frame-ancestors {op.issuer}"
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": None, "sid": None},
        {"sid": None},
        {"sid": ""},
        {"sid": "unknown"},
        {"sid": "a\0b"},
    ],
    ids=str,
)
def test_frame_that_names_no_session_here_ends_none_and_starts_no_login(op, alice, show, changes):
    parameters = {"iss": op.issuer, "sid": alice.sid} | changes
    answer = show(**{name: value for name, value in parameters.items() if value is not None})
    assert (answer.status_code, answer.content, answer.cookies.get_dict()) == (200, b"", {})
    assert alice.is_signed_in


def test_frame_ends_one_session_of_a_person(op, alice, show):
    elsewhere = Browser(alice.rp, alice.sub)
    show(iss=op.issuer, sid=alice.sid)
    assert [alice.is_signed_in, elsewhere.is_signed_in] == [False, True]


def test_front_channel_takes_no_post(op, alice, rp):
    answer = requests.post(f"{rp}/oidc/demo/frontchannel-logout/", params={"iss": op.issuer, "sid": alice.sid})
    assert not answer.ok
    assert alice.is_signed_in
