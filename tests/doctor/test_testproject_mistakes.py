"""Mistakes of a deployment, planted one at a time in the test project's own provider: its settings, proxy and database.

The provider runs as a process of its own behind a proxy, and so does the doctor.
"""

import json
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.doctor.bad_proxy import proxy
from tests.doctor.mistakes_of_proxies import OF_THE_PROXY
from tests.keys import rsa_pem
from tests.processes import Process, answer, wait_until
from tests.receivers import Answers, receiver
from tests.servers import ROOT, listening, manage, migrate, port

BACKCHANNEL = "UPDATE oidc_session_clientlogoutsettings SET backchannel_logout_uri = '{}'"
NOTICE = """
INSERT INTO oidc_session_logoutnotice
    (id, client_id, channel, iss, sub, sid, state, problem, attempts, created_at, next_attempt_at)
VALUES ('1', 'sample-rp', 'backchannel', '', '', 'a', 'pending', '', 0, '2026-01-01', '2026-01-01')
"""
SESSION = """
INSERT INTO oidc_session_opsession (auth_time, started_at, last_activity, expires_at, end_reason, session_key,
    session_key_hash, user_agent)
VALUES ('2026-01-01', '2026-01-01', '2026-01-01', '2026-01-01', '', '', '', '')
"""
NO_MIGRATION = "DELETE FROM django_migrations WHERE app = 'oidc_session' AND name LIKE '0004%'"
WARNING = ("--fail-on", "warning")


@dataclass
class Deployment:
    """The test project's provider, where its database is, and the doctor's process."""

    front: Any
    database: str
    environment: dict[str, str]
    doctor: subprocess.Popen

    def examine(self, *options, **provider):
        """Return what the doctor prints, and what it fails by."""
        self.doctor.stdin.write(json.dumps([["oidc_session_doctor", *options], provider]) + "\n")
        self.doctor.stdin.flush()
        return json.loads(self.doctor.stdout.readline())

    @contextmanager
    def changed(self, statement):
        """Have a change of the database, by SQL, for as long as the block lasts."""
        table = re.search("(?:UPDATE|INTO|FROM) ([a-z0-9_]+)", statement)[1]
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute(f"CREATE TEMPORARY TABLE before AS SELECT * FROM {table}")
            with connection:
                connection.execute(statement)
            try:
                yield
            finally:
                with connection:
                    connection.execute(f"DELETE FROM {table}")
                    connection.execute(f"INSERT INTO {table} SELECT * FROM before")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("testproject")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert("localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    with (
        listening() as listener,
        proxy(listener.getsockname(), certificate) as front,
        receiver(Answers(200), tls=tls) as rp,
    ):
        environment = environment_of(folder, front, f"https://localhost:{rp.port}")
        migrate("op", folder / "op.sqlite3")
        manage("seed", "op", environment)
        with serving(listener, environment, folder / "log"), commands(environment) as doctor:
            yield Deployment(front, str(folder / "op.sqlite3"), environment, doctor)


def environment_of(folder, front, rp_url):
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "testproject.op.settings",
        "DATABASE_URL": f"sqlite:///{folder}/op.sqlite3",
        "OP_URL": front.url.removesuffix("/o"),
        "RP_URL": rp_url,
        "SECOND_RP_URL": rp_url,
        "OP_SECRET_KEY": "only-for-the-tests",
        "OIDC_DEFAULT_SESSION_KEY": "only-for-the-tests-of-signed-out-browsers",
        "OIDC_RSA_PRIVATE_KEY": rsa_pem(),
        "OIDC_RSA_SECOND_PRIVATE_KEY": rsa_pem("second"),
        "REQUESTS_CA_BUNDLE": str(folder / "authority.pem"),
        "SSL_CERT_FILE": str(folder / "authority.pem"),
    }


@contextmanager
def serving(listener, environment, log):
    options = ["--fd", str(listener.fileno()), "--log-level", "warning", "--no-proxy-headers"]  # Django reads them.
    web = Process(["uvicorn", "tests.doctor.testproject_app:application", *options], environment, log, listener)
    web.start()
    try:
        wait_until(lambda: answer(listener.getsockname(), "GET", "/favicon.ico") is not None)
        yield
    finally:
        web.kill()


def run(environment, *arguments):
    """Run manage.py as an operator does."""
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def commands(environment):
    command = [sys.executable, "-m", "tests.doctor.testproject_command"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as running:
        yield running
        running.stdin.close()


@pytest.fixture
def site(deployment):
    deployment.front.well_set_up()
    return deployment


def test_provider_as_it_is_has_nothing_to_mend(site):
    printed, failed = site.examine(*WARNING)
    assert failed == ""
    assert "->" not in printed


OF_THE_SETTINGS = {
    "middleware": ("cookie", '"oidc_session.middleware.SessionManagementMiddleware"'),
    "middleware of its own": ("iframe framing", "proxy_hide_header X-Frame-Options"),
    "urls": ("metadata members", "empty the cache of the proxy"),
    "issuer": ("issuer", "OIDC_ISS_ENDPOINT"),
    "key": ("keys", "OIDC_RSA_PRIVATE_KEY"),
    "cookie path": ("cookie", 'SESSION_COOKIE_PATH = "/"'),
    "cookie domain": ("cookie", "SESSION_COOKIE_DOMAIN = None"),
    "proxy header": ("cookie", "SECURE_PROXY_SSL_HEADER"),
    "cookie name": ("iframe document", "restart the server"),
    "session management": ("iframe", "Restart the server with the settings"),
    "back channel": ("metadata members", "empty the cache of the proxy"),
}
ALSO_HERE = (  # Of the mistakes that the other tests try one by one.
    "adds X-Frame-Options",
    "adds frame-ancestors",
    "drops CORP and COEP",
    "injects a script",
    "asks for a login before the iframe",
    "keeps the status",
    "strips SameSite",
    "strips Secure",
    "adds HttpOnly",
    "drops cookies",
    "keeps an old discovery document",
    "has a wrong clock",
    "lets nobody keep the iframe",
)
OF_WHAT_IS_ROUND_IT = {
    "another site": (
        "UPDATE oauth2_provider_application SET redirect_uris = 'https://rp.example/callback/'",
        "sites",
        "below the provider's domain",
    ),
    "a private address": (
        BACKCHANNEL.format("https://10.0.0.1/logout/"),
        "backchannel uris",
        '"OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["10.0.0.1"]',
    ),
    "nobody sends notices": (NOTICE, "notices", "send_logout_notices --loop"),
    "nobody ends sessions": (SESSION, "expired sessions", "manage.py end_expired_sessions"),
    "a migration was not applied": (NO_MIGRATION, "migrations", "manage.py migrate oidc_session"),
}


def of_check(printed, check):
    """Return what is printed of one check, from what is found to the remedies; none where all is well."""
    lines = printed.splitlines()
    places = [place for place, line in enumerate(lines) if line[9:32].strip() == check and line[:2] != "OK"]
    return " ".join(lines[place] + lines[place + 1] for place in places)


@pytest.mark.parametrize("mistake", OF_THE_SETTINGS)
def test_mistake_in_the_settings(site, mistake):
    check, remedy = OF_THE_SETTINGS[mistake]
    site.front.before = lambda headers: headers.update({"X-Mistake": mistake})
    printed, failed = site.examine(*WARNING)
    assert remedy in of_check(printed, check)
    assert failed.startswith("Findings that fail")


@pytest.mark.parametrize("mistake", ALSO_HERE)
def test_mistake_in_the_proxy(site, mistake):
    site.front.after, check, remedy = OF_THE_PROXY[mistake]
    printed, failed = site.examine(*WARNING)
    assert remedy in of_check(printed, check)
    assert failed.startswith("Findings that fail")


@pytest.mark.parametrize("mistake", OF_WHAT_IS_ROUND_IT)
def test_mistake_in_what_is_round_it(site, mistake):
    statement, check, remedy = OF_WHAT_IS_ROUND_IT[mistake]
    with site.changed(statement):
        printed, failed = site.examine(*WARNING)
    assert remedy in of_check(printed, check)
    assert failed.startswith("Findings that fail")
    assert site.examine(*WARNING)[1] == ""


def test_application_that_is_not_there(site):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        uri = f"https://localhost:{port(closed)}/logout/"
    with site.changed(BACKCHANNEL.format(uri)):
        printed, failed = site.examine(*WARNING)
    assert "OIDC_BACKCHANNEL_LOGOUT_HOST_MAP" in of_check(printed, "backchannel uris")
    assert failed.startswith("Findings that fail")


def test_application_whose_certificate_is_another_names(site):
    with (
        receiver(Answers(200), tls=site.front.context) as rp,
        site.changed(BACKCHANNEL.format(f"https://127.0.0.1:{rp.port}/")),
    ):
        printed, failed = site.examine()
    assert "a certificate for its name" in of_check(printed, "backchannel uris")
    assert failed.startswith("Findings that fail")


def test_list_of_private_hosts_that_was_forgotten(site):
    printed, failed = site.examine(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=[])
    assert '"OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["localhost"]' in of_check(printed, "backchannel uris")
    assert failed.startswith("Findings that fail")


def test_command_itself_prints_the_remedy_and_exits_with_1(site):
    site.front.after = OF_THE_PROXY["adds X-Frame-Options"][0]
    done = run(site.environment, "oidc_session_doctor")
    assert done.returncode == 1
    assert "proxy_hide_header X-Frame-Options" in of_check(done.stdout, "iframe framing")
    assert "Findings that fail: 1" in done.stderr


# Of Django and DOT, which the demo has for reasons: DEBUG, no redirect to https, the flows and URIs that faults need.
OF_A_DEMO = {"security.W004", "security.W008", "security.W018"} | {
    f"oauth2_provider.W00{number}" for number in (1, 4, 7, 8)
}


def test_check_for_a_deployment_says_what_is_of_a_demo_alone(site):
    done = run(site.environment | {"OP_SECRET_KEY": "only-for-the-tests" * 3}, "check", "--deploy")
    assert done.returncode == 0
    assert set(re.findall(r"\(([a-z0-9_]+\.[A-Z][0-9]+)\)", done.stderr)) == OF_A_DEMO
