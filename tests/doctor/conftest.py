"""The provider as a process of its own, behind a proxy with a certificate."""

import json
import socket
from io import StringIO

import pytest
import trustme
from django.core.management import CommandError, call_command

from oidc_session import tls_connection
from tests.doctor.bad_proxy import proxy
from tests.notices import application_at
from tests.processes import Process, answer, environment, wait_until, web_server
from tests.receivers import Answers, receiver

PROVIDER = {
    "OIDC_FRONTCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.1"],
    "OIDC_BACKCHANNEL_LOGOUT_TIMEOUT": 5.0,
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
}


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="package")
def front(django_db_setup, django_db_blocker, tmp_path_factory, authority):
    """The proxy before the provider, whose own process does not know at which address it is."""
    folder = tmp_path_factory.mktemp("doctor")
    with django_db_blocker.unblock():
        run = environment(folder, "tests.doctor.settings", **PROVIDER)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = Process(web_server(listener), run, folder / "web.log", listener)
        web.start()
        wait_until(lambda: answer(listener.getsockname(), "GET", "/untouched/") == 200)
        with proxy(listener.getsockname(), authority.issue_cert("localhost")) as front:
            yield front
        web.kill()


@pytest.fixture
def site(front, transactional_db, provider, settings, monkeypatch, tmp_path, authority):
    """The proxy, well set up, with an application that wants to be told of logouts."""
    front.well_set_up()
    settings.ROOT_URLCONF = "tests.doctor.urls"
    provider(**PROVIDER, OIDC_ISS_ENDPOINT=front.url)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls_connection._make_context.cache_clear()
    with receiver(Answers(200)) as rp:
        front.application = application_at(rp.url, redirect_uris="https://localhost/callback?page=1")
        yield front
    tls_connection._make_context.cache_clear()


@pytest.fixture
def doctor(site):
    """Run the command and return its findings, and whether it failed."""

    def run(*options):
        printed = StringIO()
        try:
            call_command("oidc_session_doctor", "--json", *options, stdout=printed)
            failed = False
        except CommandError:
            failed = True
        return json.loads(printed.getvalue()), failed

    return run
