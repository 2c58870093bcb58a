"""A deployment's mistakes, planted one at a time: each is found, with the line that mends it."""

import gzip
import json
import socket
import time
from datetime import timedelta
from email.utils import formatdate

import pytest
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from oidc_session.doctor import site as site_module
from oidc_session.models import ClientLogoutSettings, LogoutNotice, OPSession
from tests.keys import rsa_pem
from tests.notices import session_of
from tests.receivers import Answers, receiver

IFRAME = "/o/check-session-iframe/"
AUTHORIZE = "/o/authorize/"
DISCOVERY = "/o/.well-known/openid-configuration"
KEYS = "/o/.well-known/jwks.json"
STATUS = "/o/session-status/"


def at(path, *changes):
    """Return a mistake of the proxy at one address."""

    def change(answer):
        if answer.path == path:
            for step in changes:
                step(answer)

    return change


def adds(name, value):
    return lambda answer: answer.add(name, value)


def drops(*names):
    return lambda answer: answer.drop(*names)


def replaces(name, old, new):
    return lambda answer: answer.replace(name, old, new)


def says(status, body=b"", **headers):
    def change(answer):
        answer.status, answer.body = status, body
        answer.headers = list(headers.items())

    return change


def edits(**members):
    """Return a step that changes members of a JSON document; None takes one out."""

    def change(answer):
        document = json.loads(answer.body) | members
        answer.body = json.dumps({name: value for name, value in document.items() if value is not None}).encode()

    return change


def injects(answer):
    answer.body = answer.body.replace(b"</body>", b"<script src='/analytics.js'></script></body>") + b" "


def lies_about_compression(answer):
    answer.add("Content-Encoding", "gzip")


def compresses(answer):
    answer.body = gzip.compress(answer.body)
    answer.add("Content-Encoding", "gzip")


OF_THE_PROXY = {
    "adds X-Frame-Options": (at(IFRAME, adds("X-Frame-Options", "SAMEORIGIN")), "iframe framing", "proxy_hide_header"),
    "adds frame-ancestors": (
        at(IFRAME, adds("Content-Security-Policy", "frame-ancestors 'self'")),
        "iframe framing",
        "without add_header Content-Security-Policy",
    ),
    "puts a policy in place of ours": (
        at(IFRAME, drops("content-security-policy"), adds("Content-Security-Policy", "script-src 'self'")),
        "iframe framing",
        "without add_header Content-Security-Policy",
    ),
    "drops CORP and COEP": (
        at(IFRAME, drops("cross-origin-resource-policy", "cross-origin-embedder-policy")),
        "iframe isolation",
        "Cross-Origin-Resource-Policy: cross-origin",
    ),
    "injects a script": (at(IFRAME, injects), "iframe document", "Rocket Loader off"),
    "lets nobody keep the iframe": (
        at(IFRAME, drops("cache-control"), adds("Cache-Control", "no-store")),
        "iframe caching",
        "without expires",
    ),
    "adds a sticky cookie": (at(IFRAME, adds("Set-Cookie", "node=1")), "iframe caching", "set no cookie"),
    "varies by cookie": (at(IFRAME, adds("Vary", "Cookie")), "iframe caching", "set no cookie"),
    "does not know the iframe": (at(IFRAME, says(404)), "iframe", f"hand on {IFRAME}"),
    "asks for a login before the iframe": (
        at(IFRAME, says(302, Location="https://gateway.example/")),
        "iframe",
        "without a login page",
    ),
    "serves the iframe as text": (
        at(IFRAME, drops("content-type"), adds("Content-Type", "text/plain")),
        "iframe",
        f"hand on {IFRAME}",
    ),
    "says gzip where there is none": (at(IFRAME, lies_about_compression), "iframe", "gzip off"),
    "keeps the status": (at(STATUS, says(204, **{"Cache-Control": "max-age=60"})), "status request", STATUS),
    "strips SameSite": (at(AUTHORIZE, replaces("set-cookie", "SameSite=None", "")), "cookie", "proxy_cookie_flags"),
    "makes the cookie lax": (at(AUTHORIZE, replaces("set-cookie", "None", "Lax")), "cookie", "SameSite=None"),
    "adds HttpOnly": (at(AUTHORIZE, replaces("set-cookie", "Secure", "Secure; HttpOnly")), "cookie", "HttpOnly"),
    "strips Secure": (at(AUTHORIZE, replaces("set-cookie", "Secure", "")), "cookie", "SECURE_PROXY_SSL_HEADER"),
    "moves the path": (
        at(AUTHORIZE, replaces("set-cookie", "Path=/", "Path=/app")),
        "cookie",
        'SESSION_COOKIE_PATH = "/"',
    ),
    "moves the domain": (
        at(AUTHORIZE, replaces("set-cookie", "Path=/", "Path=/; Domain=inside.example")),
        "cookie",
        "SESSION_COOKIE_DOMAIN = None",
    ),
    "drops cookies": (at(AUTHORIZE, drops("set-cookie")), "cookie", "SessionManagementMiddleware"),
    "asks for a login before the authorization endpoint": (
        at(AUTHORIZE, says(302, Location="https://gateway.example/")),
        "session state",
        f"hand on {AUTHORIZE}",
    ),
    "takes session_state away": (
        at(AUTHORIZE, replaces("location", "session_state", "session")),
        "session state",
        "AuthorizationMixin",
    ),
    "rewrites the issuer": (at(DISCOVERY, edits(issuer="https://inside/o")), "issuer", "OIDC_ISS_ENDPOINT"),
    "does not know discovery": (at(DISCOVERY, says(404)), "discovery", "oidc_session.urls"),
    "answers discovery with a page": (at(DISCOVERY, says(200, b"<p>Hello")), "discovery", "oidc_session.urls"),
    "answers discovery with a list": (at(DISCOVERY, says(200, b"[]")), "discovery", "oidc_session.urls"),
    "keeps an old discovery document": (
        at(DISCOVERY, edits(check_session_iframe=None, backchannel_logout_supported="true")),
        "metadata members",
        "empty the cache",
    ),
    "has no iframe's URL": (at(DISCOVERY, edits(check_session_iframe=None)), "iframe", "empty the cache"),
    "lets the keys be old": (at(KEYS, edits(keys=[{"kid": "old"}, "no key"])), "keys", "OIDC_RSA_PRIVATE_KEY"),
    "publishes what is no list of keys": (at(KEYS, edits(keys={})), "keys", "OIDC_RSA_PRIVATE_KEY"),
    "publishes a private key": (at(KEYS, edits(keys=[{"kid": "a", "d": "secret"}])), "keys", "openssl genrsa"),
    "has a wrong clock": (
        at(DISCOVERY, drops("date"), adds("Date", formatdate(time.time() - 300, usegmt=True))),
        "clock",
        "timedatectl",
    ),
    "knows no other metadata": (
        lambda answer: says(404)(answer) if "oauth-authorization-server" in answer.path else None,
        "server metadata",
        "metadata_urlpatterns",
    ),
    "has other metadata of another issuer": (
        at("/.well-known/oauth-authorization-server/o", edits(issuer="https://inside/o")),
        "server metadata",
        "X-Forwarded-Proto",
    ),
}


@pytest.mark.parametrize("name", OF_THE_PROXY)
def test_mistake_of_a_proxy_is_found_with_its_remedy(name, site, doctor):
    site.after, check, remedy = OF_THE_PROXY[name]
    findings, _ = doctor()
    found = troubles(findings)
    assert {finding["check"] for finding in found} == {check} | FOLLOWS.get(name, set())
    assert any(remedy in finding["remedy"] for finding in found if finding["check"] == check)
    assert "secret" not in json.dumps(findings)


FOLLOWS = {
    "asks for a login before the authorization endpoint": {"cookie"},
    "rewrites the issuer": {"server metadata"},
    "has no iframe's URL": {"metadata members", "cookie"},
    "keeps an old discovery document": {"iframe", "cookie"},
}


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
