"""Back-Channel Logout 1.0: each rule of "Logout Token Validation", with the keys from a real HTTP server."""

import json
import logging
import time
from contextlib import contextmanager

import pytest
from django.db import connections, router
from django.test import override_settings
from jwcrypto import jwk
from jwcrypto.common import base64url_encode

from oidc_session.rp.database_store import DatabaseStore
from oidc_session.rp.models import StoredSession
from tests.rp.browser import Browser
from tests.rp.provider import LOGOUT_EVENT, Answer, new_key

ADDRESS = "/oidc/demo/backchannel-logout/"
NOW, A_DAY = int(time.time()), 24 * 3600


@pytest.fixture(params=["database", "cache"])
def any_store(request, rp):
    rp(store=request.param)


@pytest.fixture
def alice_s(browser, op):
    """A browser in which Alice is signed in by the provider's session "s1"."""
    op.claims = {"sid": "s1"}
    browser.sign_in()
    op.claims = {}
    return browser


@pytest.fixture
def tell(client):
    """Tell the relying party of a logout, as the provider's server does: without cookies."""
    return lambda token, **more: client.post(ADDRESS, {"logout_token": token} | more)


def assert_refused(response, reason=""):
    assert response.status_code == 400
    assert "no-store" in response["Cache-Control"]
    body = response.json()
    assert body["error"] == "invalid_request"
    assert reason in body["error_description"]


def another_browser(op, **claims):
    op.claims = claims
    browser = Browser(op)
    browser.sign_in()
    op.claims = {}
    return browser


def test_logout_ends_the_session_that_it_names(any_store, alice_s, op, tell):
    other = another_browser(op, sid="s2")
    response = tell(op.logout_token())
    assert (response.status_code, response.content) == (200, b"")
    assert "no-store" in response["Cache-Control"]
    assert (alice_s.status()["state"], other.status()["state"]) == ("anonymous", "active")


def test_logout_by_subject_ends_all_sessions_of_the_person(any_store, alice_s, op, tell):
    same, bob = another_browser(op, sid="s2"), another_browser(op, sub="bob-sub", sid="s3")
    assert tell(op.logout_token(sid=None, sub="alice-sub")).status_code == 200
    states = [browser.status()["state"] for browser in (alice_s, same, bob)]
    assert states == ["anonymous", "anonymous", "active"]


def test_session_and_subject_end_that_session_only(alice_s, op, tell):
    same = another_browser(op, sid="s2")
    assert tell(op.logout_token(sub="alice-sub")).status_code == 200
    assert (alice_s.status()["state"], same.status()["state"]) == ("anonymous", "active")


def test_subject_reaches_a_session_without_sid(browser, op, tell):
    browser.sign_in()
    assert tell(op.logout_token(sid=None, sub="alice-sub")).status_code == 200
    assert browser.status()["state"] == "anonymous"


def test_unknown_session_is_fine(op, tell, db):
    assert tell(op.logout_token(sid="unknown")).status_code == 200
    assert tell(op.logout_token(sid=None, sub="nobody")).status_code == 200


def test_session_of_another_provider_is_left_alone(alice_s, op, tell, rp, settings):
    demo = settings.OIDC_RP["providers"]["demo"]
    rp(providers={"demo": demo, "other": demo | {"issuer": "https://other.example"}})
    assert_refused(alice_s.post("/oidc/other/backchannel-logout/", {"logout_token": op.logout_token()}))
    assert alice_s.status()["state"] == "active"


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"iss": None}, "iss is not"),
        ({"iss": "https://evil.example"}, "iss is not"),
        ({"aud": None}, "aud is not"),
        ({"aud": "another"}, "aud is not"),
        ({"aud": ["rp", "another"]}, "aud has others"),
        ({"azp": "another"}, "azp is not"),
        ({"iat": None}, "iat is missing"),
        ({"iat": "now"}, "iat is missing"),
        pytest.param({"iat": NOW + A_DAY}, "iat is in the future", id="iat tomorrow"),
        ({"exp": None}, "exp is missing"),
        pytest.param({"exp": NOW - 60}, "exp has passed", id="exp a minute ago"),
        ({"exp": True}, "exp is missing"),
        ({"jti": None}, "jti is missing"),
        ({"jti": ""}, "jti is no string"),
        ({"jti": 1}, "jti is no string"),
        ({"events": None}, "events does not"),
        ({"events": []}, "events does not"),
        ({"events": [LOGOUT_EVENT]}, "events does not"),
        ({"events": LOGOUT_EVENT}, "events does not"),
        ({"events": {}}, "events does not"),
        ({"events": {"https://example.com/other": {}}}, "events does not"),
        ({"events": {LOGOUT_EVENT: None}}, "events does not"),
        ({"events": {LOGOUT_EVENT: "now"}}, "events does not"),
        ({"sid": None}, "sid and sub are missing"),
        ({"sid": ""}, "sid is no string"),
        ({"sid": ["s1"]}, "sid is no string"),
        ({"sub": ""}, "sub is no string"),
        ({"sub": {}}, "sub is no string"),
        ({"nonce": "n"}, "nonce must be absent"),
        ({"nonce": ""}, "nonce must be absent"),
    ],
    ids=str,
)
def test_broken_rule(alice_s, op, tell, broken, rule):
    assert_refused(tell(op.logout_token(**broken)), rule)
    assert alice_s.status()["state"] == "active"


def test_id_token_is_no_logout_token(alice_s, op, tell):
    assert_refused(tell(alice_s.session.id_token), "events does not")
    assert alice_s.status()["state"] == "active"


def test_null_is_no_absent_nonce(alice_s, op, tell, monkeypatch):
    monkeypatch.setattr("tests.rp.provider.signed", with_null_nonce)
    assert_refused(tell(op.logout_token()), "nonce must be absent")


def with_null_nonce(key, claims, alg, header):
    from jwcrypto.jws import JWS

    token = JWS(json.dumps(claims | {"nonce": None}))
    token.add_signature(key, alg, json.dumps(header | {"alg": alg, "kid": key.get("kid")}))
    return token.serialize(compact=True)


def test_unsigned_token(alice_s, op, tell):
    claims = op.logout_token().split(".")[1]
    header = base64url_encode(json.dumps({"alg": "none", "typ": "logout+jwt"}))
    assert_refused(tell(f"{header}.{claims}."))
    assert alice_s.status()["state"] == "active"


def test_token_signed_with_the_public_key_as_a_secret(alice_s, op, tell):
    pem = op.keys[0].export_to_pem()
    secret = jwk.JWK(kty="oct", k=base64url_encode(pem), kid="first")
    assert_refused(tell(op.logout_token(alg="HS256", key=secret)), "alg is not")
    assert alice_s.status()["state"] == "active"


def test_token_signed_with_the_client_s_secret(alice_s, op, tell):
    secret = jwk.JWK(kty="oct", k=base64url_encode(b"only-tests" * 4), kid="first")
    assert_refused(tell(op.logout_token(alg="HS256", key=secret)), "alg is not")


def test_key_of_another_under_a_known_kid(alice_s, op, tell):
    assert_refused(tell(op.logout_token(key=new_key("first"))), "not the provider's")
    assert alice_s.status()["state"] == "active"


def test_unknown_kid(alice_s, op, tell):
    assert_refused(tell(op.logout_token(key=new_key("unknown"))), "not the provider's")


def test_unknown_keys_do_not_spray_the_provider(alice_s, op, tell):
    for number in range(5):
        assert_refused(tell(op.logout_token(key=new_key(f"unknown {number}"))))
    assert len(op.asked("/jwks")) == 2


def test_rotated_key_is_found(alice_s, op, tell):
    op.rotate_key()
    assert tell(op.logout_token()).status_code == 200
    assert alice_s.status()["state"] == "anonymous"


def test_changed_claims_are_not_signed(alice_s, op, tell):
    header, _, signature = op.logout_token(sid="s2").split(".")
    claims = op.logout_token().split(".")[1]
    assert_refused(tell(f"{header}.{claims}.{signature}"))
    assert alice_s.status()["state"] == "active"


@pytest.mark.parametrize("typ", ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT", "jwt", None])
def test_type_of_logout_tokens_may_be_absent(alice_s, op, tell, typ):
    assert tell(op.logout_token(header={"typ": typ})).status_code == 200


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "dpop+jwt", "x"])
def test_type_of_something_else(alice_s, op, tell, typ):
    assert_refused(tell(op.logout_token(header={"typ": typ})), "typ is not")
    assert alice_s.status()["state"] == "active"


def test_type_that_is_no_string(alice_s, op, tell):
    assert_refused(tell(op.logout_token(header={"typ": ["logout+jwt"]})))


def test_type_may_be_demanded(alice_s, op, tell, rp):
    rp({"logout_token_needs_type": True})
    for typ in (None, "JWT"):
        assert_refused(tell(op.logout_token(header={"typ": typ})), "typ is not")
    assert tell(op.logout_token()).status_code == 200


def test_token_that_comes_twice_is_refused(alice_s, op, tell):
    token = op.logout_token()
    assert tell(token).status_code == 200
    again = another_browser(op, sid="s1")
    assert_refused(tell(token), "jti was there before")
    assert again.status()["state"] == "active"


def test_same_jti_of_another_provider_is_another(alice_s, op, tell, rp, settings):
    rp({"leeway": 60})
    assert tell(op.logout_token(jti="j")).status_code == 200
    demo = settings.OIDC_RP["providers"]["demo"]
    op.url = op.url.replace("127.0.0.1", "localhost")
    rp(providers={"demo": demo | {"issuer": op.url}})
    assert tell(op.logout_token(jti="j")).status_code == 200


def test_refused_token_is_not_remembered(alice_s, op, tell):
    assert_refused(tell(op.logout_token(jti="j", sid="")))
    assert tell(op.logout_token(jti="j")).status_code == 200


@pytest.mark.parametrize("exp", [10**400, float("inf"), 10**12], ids=["huge", "inf", "late"])
def test_token_without_an_end_in_sight_is_remembered_all_the_same(alice_s, op, tell, exp):
    token = op.logout_token(exp=exp)
    assert tell(token).status_code == 200
    assert_refused(tell(token), "jti was there before")


@contextmanager
def database_away():
    """Take the table of the sessions away, for real."""
    database = connections[router.db_for_write(StoredSession)]
    table = StoredSession._meta.db_table

    def rename(old, new):
        with database.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    rename(table, "away")
    try:
        yield
    finally:
        rename("away", table)


@contextmanager
def cache_away():
    """Keep the cache where nothing can be kept."""
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    with override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": "/dev/null/cache"}}):
        yield


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("away", [database_away, cache_away])
def test_logout_that_fails_here_may_be_told_again(alice_s, op, tell, caplog, away):
    """Back-Channel Logout 1.0, "Back-Channel Logout Response": 400 if the logout failed."""
    token = op.logout_token(sub="the-secret-sub")
    with away():
        response = tell(token)
    assert_refused(response, "The logout failed.")
    assert response["Retry-After"] == "10"
    [error] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert error.getMessage() == "Logout failed provider=demo"
    assert not any(secret in caplog.text for secret in (token, "the-secret"))
    assert alice_s.status()["state"] == "active"
    assert tell(token).status_code == 200
    assert alice_s.status()["state"] == "anonymous"
    assert_refused(tell(token), "jti was there before")


def test_logout_whose_process_died_may_be_told_again(alice_s, op, tell, monkeypatch):
    def die(*args, **kwargs):
        raise SystemExit

    token = op.logout_token()
    with monkeypatch.context() as patched:
        patched.setattr(DatabaseStore, "remove_all", die)
        with pytest.raises(SystemExit):
            tell(token)
    assert tell(token).status_code == 200
    assert alice_s.status()["state"] == "anonymous"


def test_refusal_for_good_says_nothing_of_another_time(alice_s, op, tell):
    assert "Retry-After" not in tell(op.logout_token(nonce="n"))


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("logout_token=x", f"{FORM}; charset=latin-1"),
        ("logout_token=" + "x" * 3_000_000, FORM),
        ("&".join(["logout_token=x"] * 1001), FORM),
        ("logout_token=x", "multipart/form-data"),
        ("logout_token=x", "multipart/form-data; boundary=é"),
    ],
    ids=["charset", "too long", "too many", "no boundary", "bad boundary"],
)
def test_request_that_can_t_be_read(op, client, db, body, content_type):
    response = client.generic("POST", ADDRESS, body, content_type=content_type)
    assert_refused(response, "must be a form")
    assert "Retry-After" not in response


@pytest.mark.parametrize("body", [{}, {"logout_token": ""}, {"logout_token": "a.b.c"}, {"logout_token": "é"}])
def test_request_without_a_token(op, client, db, body):
    assert_refused(client.post(ADDRESS, body))


def test_request_with_two_tokens(alice_s, op, client):
    assert_refused(client.post(ADDRESS, {"logout_token": [op.logout_token(), op.logout_token()]}), "one logout_token")
    assert alice_s.status()["state"] == "active"


def test_token_in_the_query_is_none(alice_s, op, client):
    assert_refused(client.post(f"{ADDRESS}?logout_token={op.logout_token()}"))


def test_token_in_json_is_none(alice_s, op, client):
    body = json.dumps({"logout_token": op.logout_token()})
    assert_refused(client.post(ADDRESS, body, content_type="application/json"))


def test_other_methods_are_not_allowed_and_not_cached(client, db, op):
    response = client.get(ADDRESS)
    assert response.status_code == 405
    assert "no-store" in response["Cache-Control"]


def test_keys_that_cannot_be_had_end_no_session(alice_s, op, tell, caplog):
    from django.core.cache import cache

    cache.clear()
    op.answers["/jwks"] = Answer({}, 500)
    token = op.logout_token()
    response = tell(token)
    assert_refused(response, "keys")
    assert response["Retry-After"] == "10"
    assert "Logout token not validated provider=demo reason=demo answered with status 500." in caplog.text
    assert alice_s.status()["state"] == "active"
    op.answers.clear()
    assert tell(token).status_code == 200


def test_provider_s_server_needs_neither_login_nor_csrf_token(alice_s, op, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    strict = Browser(op, enforce_csrf_checks=True)
    assert strict.post(ADDRESS, {"logout_token": op.logout_token()}).status_code == 200


def test_unknown_provider_is_not_found(client, db):
    assert client.post("/oidc/unknown/backchannel-logout/").status_code == 404


def test_token_is_not_in_the_log(alice_s, op, tell, caplog):
    token = op.logout_token(sid="the-secret-sid", nonce="the-secret-nonce")
    assert_refused(tell(token))
    assert "Logout token refused provider=demo" in caplog.text
    assert not any(secret in caplog.text for secret in (token, "the-secret"))
