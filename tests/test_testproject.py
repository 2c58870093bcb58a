import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.http import QueryDict
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import base64url_encode

from testproject.environment import of_second_rp
from testproject.rp import id_token, provider
from testproject.rp.exceptions import InvalidToken, LoginRefused, UnknownKey
from testproject.rp.return_path import safe_path
from testproject.secret_files import kept
from tests.keys import rsa_pem

ROOT = Path(__file__).parents[1]
ISSUER = "https://op.example/o"
ACCESS_TOKEN = "an-access-token"
EXPECTED = {"issuer": ISSUER, "client_id": "sample-rp", "nonce": "n-1", "access_token": ACCESS_TOKEN}
KEY = jwk.JWK.from_pem(rsa_pem().encode())
OTHER_KEY = jwk.JWK.from_pem(rsa_pem("another").encode())


def keys(*members: jwk.JWK) -> jwk.JWKSet:
    found = jwk.JWKSet()
    for key in members or (KEY,):
        found.add(jwk.JWK.from_json(key.export_public()))
    return found


def claims(**changes):
    now = int(time.time())
    valid = {"iss": ISSUER, "aud": "sample-rp", "sub": "7", "nonce": "n-1", "iat": now, "exp": now + 300}
    return {name: value for name, value in (valid | changes).items() if value is not None}


def signed(claims, key=KEY, **header):
    token = jwt.JWT(header={"alg": "RS256", "kid": key.kid} | header, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def unsigned(claims):
    header, payload = json.dumps({"alg": "none"}), json.dumps(claims)
    return f"{base64url_encode(header)}.{base64url_encode(payload)}."


def signed_with_public_key_as_secret(claims):
    secret = jwk.JWK(kty="oct", k=base64url_encode(KEY.export_to_pem()))
    token = jws.JWS(json.dumps(claims))
    token.add_signature(secret, protected=json.dumps({"alg": "HS256"}))
    return token.serialize(compact=True)


def test_valid_id_token_is_accepted():
    half = id_token.at_hash(ACCESS_TOKEN)
    assert id_token.validated(signed(claims(at_hash=half)), keys(), **EXPECTED)["sub"] == "7"


def test_audience_may_be_a_list_of_one():
    assert id_token.validated(signed(claims(aud=["sample-rp"])), keys(), **EXPECTED)["sub"] == "7"


def test_at_hash_is_that_of_the_specification_example():
    """OpenID Connect Core 1.0, A.3."""
    assert id_token.at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example/o"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["sample-rp", "another"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": "another", "azp": "sample-rp"}, "aud"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"exp": time.time() - 3600}, "exp has passed"),
        ({"exp": None}, "exp is missing"),
        ({"iat": time.time() + 3600}, "iat is in the future"),
        ({"iat": None}, "iat is missing"),
        ({"at_hash": "of-another-token"}, "at_hash"),
    ],
)
def test_id_token_with_a_wrong_claim_is_refused(changes, reason):
    with pytest.raises(InvalidToken, match=reason):
        id_token.validated(signed(claims(**changes)), keys(), **EXPECTED)


@pytest.mark.parametrize(
    "token",
    [
        unsigned(claims()),
        signed_with_public_key_as_secret(claims()),
        signed(claims(), OTHER_KEY, kid=KEY.kid),
        signed(claims())[:-8] + "AAAAAAAA",
        "not.a.token",
        "",
    ],
    ids=["alg none", "public key as secret", "another's key", "altered", "nonsense", "absent"],
)
def test_id_token_that_the_provider_did_not_sign_is_refused(token):
    with pytest.raises(InvalidToken):
        id_token.validated(token, keys(), **EXPECTED)


def test_error_of_a_stranger_cannot_break_the_log(monkeypatch, settings):
    monkeypatch.setattr(provider, "metadata", dict)
    settings.RP_ISSUER = ISSUER
    with pytest.raises(LoginRefused) as refused:
        provider.redeem(QueryDict("error=no%0AINFO%20signed%20in%22%5C"), None)
    assert refused.value.error == "no?INFO signed in??"


def test_unknown_key_is_told_apart():
    with pytest.raises(UnknownKey):
        id_token.validated(signed(claims()), keys(OTHER_KEY), **EXPECTED)


@pytest.mark.parametrize("path", ["/", "/members/", "/members/?tab=1#top"])
def test_path_of_our_own_is_returned_to(path):
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "members/", ""],
)
def test_other_places_are_not_returned_to(path):
    assert safe_path(path) == "/"


def test_processes_that_start_together_agree_on_a_secret(tmp_path):
    path = tmp_path / "var" / "secret"
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda number: kept(path, lambda: f"secret {number}"), range(8)))
    assert answers == {path.read_text()}
    assert [path] == list(path.parent.iterdir())
    assert path.stat().st_mode & 0o077 == 0


def project(name, *arguments, **environment):
    """Run a project in a process of its own and return what it prints."""
    own = {
        "DJANGO_SETTINGS_MODULE": f"testproject.{name}.settings",
        "DATABASE_URL": "sqlite://:memory:",
        "RP_DATABASE_URL": "sqlite://:memory:",
        "OP_SECRET_KEY": "only-for-the-tests",
        "RP_SECRET_KEY": "only-for-the-tests",
        "OIDC_DEFAULT_SESSION_KEY": "only-for-the-tests-of-signed-out-browsers",
        "OIDC_RSA_PRIVATE_KEY": rsa_pem(),
        "OP_URL": "",
        "RP_URL": "",
        "SECOND_RP_URL": "",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | own | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def setting_values(name, *expressions, **environment):
    listed = ", ".join(f"settings.{expression}" for expression in expressions)
    code = f"import json; from django.conf import settings; print(json.dumps([{listed}]))"
    return json.loads(project(name, "-c", code, **environment))


@pytest.mark.parametrize("name", ["op", "rp"])
def test_check_has_nothing_to_say(name):
    project(name, "-m", "django", "check", "--fail-level", "WARNING")


def test_provider_on_one_machine():
    values = setting_values(
        "op", 'OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"]', "SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE"
    )
    assert values == ["http://localhost:8000/o", False, "Lax"]


def test_provider_behind_a_tls_proxy():
    values = setting_values(
        "op",
        'OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"]',
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_SAMESITE",
        "SECURE_PROXY_SSL_HEADER",
        "USE_X_FORWARDED_HOST",
        OP_URL="https://op.example/",
    )
    assert values == ["https://op.example/o", True, "None", ["HTTP_X_FORWARDED_PROTO", "https"], True]


def test_application_can_be_pointed_at_another_provider():
    values = setting_values(
        "rp",
        "RP_ISSUER",
        "RP_CLIENT_ID",
        "RP_CLIENT_SECRET",
        "RP_URL",
        RP_ISSUER="https://another.example",
        RP_CLIENT_ID="me",
        RP_CLIENT_SECRET="mine",
        RP_URL="https://rp.example",
    )
    assert values == ["https://another.example", "me", "mine", "https://rp.example"]


def test_database_comes_from_the_environment():
    url = "postgres://someone:secret@db.example:5433/op"
    values = setting_values("op", 'DATABASES["default"]["ENGINE"]', 'DATABASES["default"]["HOST"]', DATABASE_URL=url)
    assert values == ["django.db.backends.postgresql", "db.example"]


def test_application_does_not_know_the_provider_side():
    code = "import sys, django; django.setup(); import testproject.rp.urls; print(*sys.modules)"
    loaded = project("rp", "-c", code).split()
    assert not [name for name in loaded if name.startswith(("oauth2_provider", "oidc_session", "testproject.op"))]


SEED_TWICE = """
import django, json
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from oauth2_provider.models import Application
from oidc_session.models import ClientLogoutSettings
def rows():
    people = User.objects.values_list("username", "password", "is_superuser", "groups__name")
    clients = Application.objects.values_list("client_id", "client_secret", "redirect_uris", "allowed_origins")
    channels = ClientLogoutSettings.objects.values_list(
        "application__client_id", "frontchannel_logout_uri", "backchannel_logout_uri"
    )
    return [sorted(people), sorted(clients), sorted(channels)]
call_command("migrate", verbosity=0)
call_command("seed")
first = rows()
call_command("seed")
print(json.dumps([first, rows()]))
"""


def test_seed_changes_nothing_the_second_time():
    addresses = {"RP_URL": "http://rp.example:9000", "SECOND_RP_URL": "http://rp.example:9001"}
    first, second = json.loads(project("op", "-c", SEED_TWICE, **addresses))
    assert first == second
    people, clients, channels = first
    assert {row[0] for row in people} == {"alice", "bob", "admin"}
    assert [(row[0], row[2], row[3]) for row in clients] == [
        ("sample-rp", "http://rp.example:9000/oidc/demo/callback/", ""),
        (
            "sample-spa",
            "http://rp.example:9000/spa/callback/ http://rp.example:9001/spa/callback/",
            "http://rp.example:9000 http://rp.example:9001",
        ),
        ("second-rp", "http://rp.example:9001/oidc/demo/callback/", ""),
    ]
    assert channels == [
        [client_id, *(f"{url}/oidc/demo/{name}-logout/" for name in ("frontchannel", "backchannel"))]
        for client_id, url in (("sample-rp", "http://rp.example:9000"), ("second-rp", "http://rp.example:9001"))
    ]


def test_two_applications_on_one_host_share_no_cookie_and_no_database():
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SECRET_KEY", "RP_NAME"]
    first, second = (
        setting_values("rp", *names, **environment)
        for environment in ({}, of_second_rp("http://localhost:9001", "http://localhost:9000"))
    )
    assert not set(first) & set(second)
    assert of_second_rp("", "")["RP_DATABASE_URL"].endswith("/second_rp.sqlite3")


SIGN_IN_TWICE = """
import django
django.setup()
from datetime import timedelta
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from testproject.rp import visitor
from testproject.rp.models import SignIn
from testproject.rp.person import Person
call_command("migrate", verbosity=0)
def sign_in(sid):
    visitor.sign_in(SessionStore(), Person("7", "Alice", "", [], "", "", sid, {"access_token_expires": 0}))
sign_in("abandoned")
SignIn.objects.update(signed_in_at=timezone.now() - timedelta(days=15))
sign_in("new")
print(*SignIn.objects.values_list("sid", flat=True))
"""


def test_application_forgets_who_never_came_back():
    assert project("rp", "-c", SIGN_IN_TWICE).split() == ["new"]
