import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testproject.environment import of_second_rp
from testproject.secret_files import kept
from tests.keys import rsa_pem

ROOT = Path(__file__).parents[1]


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
    provider_side = ("oauth2_provider", "testproject.op", "oidc_session.conf", "oidc_session.models")
    assert not [name for name in loaded if name.startswith(provider_side)]


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
    names = ['OIDC_RP["cookie_name"]', "CSRF_COOKIE_NAME", "SECRET_KEY", "RP_NAME"]
    first, second = (
        setting_values("rp", *names, **environment)
        for environment in ({}, of_second_rp("http://localhost:9001", "http://localhost:9000"))
    )
    assert not set(first) & set(second)
    assert of_second_rp("", "")["RP_DATABASE_URL"].endswith("/second_rp.sqlite3")


def test_application_takes_claims_as_the_environment_says():
    expressions = [f'OIDC_RP["providers"]["demo"]["{name}"]' for name in ("userinfo", "groups_claim", "scope")]
    assert setting_values("rp", *expressions) == ["off", "groups", "openid profile email groups"]
    asked = {"RP_USERINFO": "required", "RP_GROUPS_CLAIM": "roles", "RP_SCOPE": "openid"}
    assert setting_values("rp", *expressions, **asked) == ["required", "roles", "openid"]
