"""A deployment's mistakes, planted one at a time: each is found, with the line that mends it."""

import json
import socket
import time
from datetime import timedelta

import pytest
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from oidc_session.doctor import site as site_module
from oidc_session.models import ClientLogoutSettings, LogoutNotice, OPSession
from tests.doctor.mistakes_of_proxies import IFRAME, OF_THE_PROXY, at, compresses
from tests.keys import rsa_pem
from tests.notices import session_of
from tests.receivers import Answers, receiver

FOLLOWS = {
    "asks for a login before the authorization endpoint": {"cookie"},
    "rewrites the issuer": {"server metadata"},
    "has no iframe's URL": {"metadata members", "cookie"},
    "keeps an old discovery document": {"iframe", "cookie"},
}


@pytest.mark.parametrize("name", OF_THE_PROXY)
def test_mistake_of_a_proxy_is_found_with_its_remedy(name, site, doctor):
    site.after, check, remedy = OF_THE_PROXY[name]
    findings, _ = doctor()
    found = troubles(findings)
    assert {finding["check"] for finding in found} == {check} | FOLLOWS.get(name, set())
    assert any(remedy in finding["remedy"] for finding in found if finding["check"] == check)
    assert "secret" not in json.dumps(findings)


def troubles(findings):
    return [finding for finding in findings if finding["result"] != "ok"]


def remedies(findings, check):
    return " ".join(finding["remedy"] for finding in troubles(findings) if finding["check"] == check)


def test_well_set_up_site_has_nothing_to_mend(site, doctor):
    findings, failed = doctor("--fail-on", "warning")
    assert troubles(findings) == []
    assert not failed


def test_compression_is_no_mistake(site, doctor):
    site.after = at(IFRAME, compresses)
    assert troubles(doctor()[0]) == []


def test_proxy_that_does_not_tell_the_protocol(site, doctor):
    site.before = lambda headers: headers.pop("X-Forwarded-Proto")
    findings, failed = doctor()
    for check in ("issuer", "https"):
        assert "SECURE_PROXY_SSL_HEADER" in remedies(findings, check)
    assert failed


def test_proxy_that_does_not_tell_its_name(site, doctor):
    site.before = lambda headers: headers.update(Host="inside:8000")
    findings, failed = doctor()
    for check in ("issuer", "endpoints"):
        assert "proxy_set_header Host $host" in remedies(findings, check)
    assert failed


def test_provider_on_plain_http(site, doctor, provider):
    url = "http://{}:{}/o".format(*site.upstream)
    provider(OIDC_ISS_ENDPOINT=url)
    findings, failed = doctor("--url", url)
    assert "OIDC_ISS_ENDPOINT" in remedies(findings, "https")
    assert failed
    assert not remedies(findings, "cookie")


def test_certificate_that_nobody_trusts(site, doctor, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    findings, failed = doctor()
    assert "whole chain" in remedies(findings, "discovery")
    assert failed
    assert "iframe" not in {finding["check"] for finding in findings}


def test_site_that_does_not_answer(site, doctor, monkeypatch):
    monkeypatch.setattr(site_module, "SECONDS", 0.01)
    site.after = lambda answer: time.sleep(0.1)
    assert "free worker" in remedies(doctor()[0], "discovery")


def test_site_that_is_not_there(site, doctor):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://localhost:{closed.getsockname()[1]}/o"
    assert "port is open" in remedies(doctor("--url", url)[0], "discovery")


def test_server_that_signs_with_another_key(site, doctor, provider):
    provider(OIDC_RSA_PRIVATE_KEY=rsa_pem("another"))
    assert "restart them" in remedies(doctor()[0], "keys")


def test_provider_without_a_key_is_not_asked_for_it(site, doctor, provider):
    provider(OIDC_RSA_PRIVATE_KEY=None)
    assert not remedies(doctor()[0], "keys")


def test_server_with_other_settings(site, doctor, provider):
    provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME="another_name")
    findings, _ = doctor()
    assert "restart the server" in remedies(findings, "iframe document")
    assert "another_name" in str(troubles(findings))


def test_application_of_another_site_is_a_warning(site, doctor):
    site.application.redirect_uris = "https://rp.example/callback"
    site.application.save()
    findings, failed = doctor()
    assert "below the provider's domain" in remedies(findings, "sites")
    assert not failed
    assert doctor("--fail-on", "warning")[1]


def logout_uri(application, uri):
    ClientLogoutSettings.objects.filter(application=application).update(backchannel_logout_uri=uri)


def test_application_at_a_private_address(site, doctor):
    logout_uri(site.application, "http://127.0.0.2:1/backchannel-logout?key=secret")
    findings, failed = doctor()
    assert '"OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.2"]' in remedies(findings, "backchannel uris")
    assert failed
    assert "secret" not in json.dumps(findings)


def test_application_that_is_not_there(site, doctor):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        logout_uri(site.application, f"http://127.0.0.1:{closed.getsockname()[1]}/")
    findings, failed = doctor()
    assert "OIDC_BACKCHANNEL_LOGOUT_HOST_MAP" in remedies(findings, "backchannel uris")
    assert not failed


def test_application_with_a_certificate_of_another_name(site, doctor):
    with receiver(Answers(200), tls=site.context) as rp:
        logout_uri(site.application, rp.url)
        findings, failed = doctor()
    assert "certificate for its name" in remedies(findings, "backchannel uris")
    assert failed
    assert rp.requests == []


def test_notices_that_nobody_sends(site, doctor, alice):
    long_ago = timezone.now() - timedelta(hours=2)
    LogoutNotice.objects.create(client_id="rp-1", channel="backchannel", sid="a", next_attempt_at=long_ago)
    findings, failed = doctor()
    assert "send_logout_notices --loop" in remedies(findings, "notices")
    assert "overdue: 1, the first by 2 hours" in str(findings)
    assert failed


def test_sessions_that_nobody_ends(site, doctor, alice):
    session_of(alice)
    OPSession.objects.update(expires_at=timezone.now() - timedelta(hours=2))
    assert "end_expired_sessions" in remedies(doctor()[0], "expired sessions")


@pytest.fixture
def missing_migration():
    database = router.db_for_write(OPSession)
    recorder = MigrationRecorder(connections[database])
    last = max(name for app, name in recorder.applied_migrations() if app == "oidc_session")
    recorder.record_unapplied("oidc_session", last)
    yield last
    recorder.record_applied("oidc_session", last)


def test_migration_that_was_not_applied(site, doctor, missing_migration):
    findings, failed = doctor()
    assert "manage.py migrate oidc_session --database" in remedies(findings, "migrations")
    assert missing_migration in str(troubles(findings))
    assert failed
    assert "notices" not in {finding["check"] for finding in findings}
    assert "issuer" in {finding["check"] for finding in findings}
