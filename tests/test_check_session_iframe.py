import base64
import gzip
import hashlib
import re

import pytest
from django.urls import reverse
from oauth2_provider.models import get_application_model

from tests.databases import captured_queries
from tests.middleware import CSP_MIDDLEWARE

YEAR, DAY = 31_536_000, 86_400


@pytest.fixture
def add_middleware(settings):
    def add(middleware):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]

    return add


@pytest.fixture
def url():
    return reverse("oauth2_provider:check-session-iframe")


def versioned_url(client):
    return client.get(reverse("oauth2_provider:oidc-connect-discovery-info")).json()["check_session_iframe"]


def script_hash(document):
    [script] = re.findall(r"<script>(.*?)</script>", document, flags=re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def assert_policy_is_ours(response):
    directives = [directive.split() for directive in response["Content-Security-Policy"].split(";")]
    assert {name: values for name, *values in directives} == {
        "default-src": ["'none'"],
        "script-src": [script_hash(response.content.decode())],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["*"],
    }


def test_document_is_html(client, url):
    response = client.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("header", ["X-Frame-Options", "Vary", "Set-Cookie"])
def test_document_goes_without(client, url, header):
    assert header not in client.get(url).headers


def test_document_sets_no_cookie(client, url):
    assert not client.get(url).cookies


def test_document_may_stand_in_isolated_pages(client, url):
    response = client.get(url)
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_policy_allows_the_script_by_its_hash_and_every_ancestor(client, url):
    assert_policy_is_ours(client.get(url))


def test_document_is_small(client, url):
    content = client.get(url).content
    assert len(content) < 4096
    assert len(gzip.compress(content)) < 2048


def test_document_costs_no_query(client, url, alice):
    client.force_login(alice)
    with captured_queries() as queries:
        client.get(url)
    assert queries == []


def test_document_leaves_the_session_alone(client, url, alice):
    client.force_login(alice)
    assert not client.get(url).wsgi_request.session.accessed


def test_document_is_the_same_for_everybody(client, url, alice):
    before = client.get(url).content
    client.force_login(alice)
    assert client.get(url).content == before


@pytest.mark.django_db
def test_document_is_the_same_with_no_client_and_with_a_thousand(client, url):
    before = client.get(url).content
    application = get_application_model()
    application.objects.bulk_create(
        application(client_id=f"client-{number}", redirect_uris=f"https://rp{number}.example/cb", client_secret="")
        for number in range(1000)
    )
    assert client.get(url).content == before


def test_document_is_cached_for_a_day_at_least(client, url):
    assert client.get(url)["Cache-Control"] == f"public, max-age={DAY}"


def test_document_at_the_address_in_discovery_is_cached_for_good(client):
    assert client.get(versioned_url(client))["Cache-Control"] == f"public, max-age={YEAR}, immutable"


def test_document_at_an_old_address_is_not_cached_for_good(client, url):
    assert client.get(url, {"v": "old"})["Cache-Control"] == f"public, max-age={DAY}"


def test_document_is_the_same_at_both_addresses(client, url):
    assert client.get(versioned_url(client)).content == client.get(url).content


def test_document_names_the_cookie(client, url):
    assert 'data-cookie-name="oidc_ua_agent_state"' in client.get(url).content.decode()


def test_document_names_the_cookie_of_the_setting(client, url, provider):
    provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME="op_state")
    assert 'data-cookie-name="op_state"' in client.get(url).content.decode()


def test_version_changes_with_the_name_of_the_cookie(client, provider):
    before = versioned_url(client)
    provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME="op_state")
    assert versioned_url(client) != before


def test_document_is_absent_when_session_management_is_off(client, url, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert client.get(url).status_code == 404


def test_document_needs_no_login(client, url, add_middleware):
    add_middleware("django.contrib.auth.middleware.LoginRequiredMiddleware")
    assert client.get("/untouched/").status_code == 302
    assert client.get(url).status_code == 200


@pytest.fixture(params=["signed out", "signed in", "of a session that is gone", "of a session saved at every request"])
def visitor(request, client, alice, settings):
    if request.param != "signed out":
        client.force_login(alice)
    if request.param == "of a session that is gone":
        client.session.flush()
    settings.SESSION_SAVE_EVERY_REQUEST = request.param == "of a session saved at every request"
    return client


@pytest.mark.parametrize(
    "middleware",
    ["django.contrib.auth.middleware.LoginRequiredMiddleware", "tests.middleware.looks_for_the_person"],
)
def test_document_is_for_everybody_where_middleware_looks_for_the_person(visitor, url, add_middleware, middleware):
    add_middleware(middleware)
    response = visitor.get(url)
    assert response["Cache-Control"].startswith("public")
    assert not response.cookies
    assert "Vary" not in response


def test_document_needs_no_sessions(client, url, settings):
    settings.MIDDLEWARE = []
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("middleware", CSP_MIDDLEWARE)
def test_policy_is_not_replaced_by(client, url, add_middleware, settings, middleware):
    settings.SECURE_CSP = {"frame-ancestors": ["'none'"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings.SECURE_CSP}
    add_middleware(middleware)
    assert "frame-ancestors 'none'" in client.get("/untouched/")["Content-Security-Policy"]
    assert_policy_is_ours(client.get(url))


def test_head_has_the_headers_alone(client, url):
    head, get = client.head(url), client.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


def test_post_is_refused(client, url):
    assert client.post(url).status_code == 405
