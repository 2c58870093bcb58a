"""DOT's behaviour is untouched: byte for byte with the feature off, name for name with it on."""

import json

import pytest
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse
from oauth2_provider import urls as dot_urls

from oidc_session import urls
from tests.databases import undone
from tests.oidc import authentication_request

OURS = "oidc_session.middleware.SessionManagementMiddleware"
SAMPLE_ARGUMENTS = [
    {},
    {"pk": f"{1:032}"},  # A number, and a UUID too, for where the application model is swapped.
    {"client_id": "sample-rp"},
    {"issuer_path": "tenant"},
    {"resource_path": "api"},
]
DEVICE = {"client_id": "sample-rp", "user_code": "ABCD"}


class Dot:
    urlpatterns = [path("o/", include(dot_urls))]


def reverse_any(name):
    for arguments in [*SAMPLE_ARGUMENTS, DEVICE]:
        try:
            return reverse(f"oauth2_provider:{name}", kwargs=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


NAMES = [pattern.name for pattern in dot_urls.urlpatterns]


@pytest.mark.parametrize("name", NAMES)
def test_every_url_of_dot_is_where_it_was(settings, name):
    ours = reverse_any(name)
    settings.ROOT_URLCONF = Dot
    assert reverse_any(name) == ours


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_every_url_of_dot_answers_with_the_feature_on(client, alice, name):
    client.force_login(alice)
    assert client.get(reverse_any(name)).status_code < 500


def test_metadata_can_be_mounted_at_the_root():
    names = {pattern.name for pattern in urls.metadata_urlpatterns}
    assert names == {pattern.name for pattern in dot_urls.metadata_urlpatterns}


# Byte for byte


class FixedGenerator:
    def hash(self):
        return "generated"


@pytest.fixture
def nothing_is_random(monkeypatch, provider):
    monkeypatch.setattr("django.middleware.csrf._get_new_csrf_string", lambda: "a" * 32)
    monkeypatch.setattr("django.middleware.csrf._mask_cipher_secret", lambda secret: secret * 2)
    monkeypatch.setattr("oauthlib.common.generate_token", lambda *args, **kwargs: "generated")
    monkeypatch.setattr("oauth2_provider.generators.generate_client_secret", lambda: "generated")
    generator = "tests.test_urls.FixedGenerator"
    provider(CLIENT_ID_GENERATOR_CLASS=generator, CLIENT_SECRET_GENERATOR_CLASS=generator)


@pytest.fixture
def without_this_app(settings, provider):
    def switch():
        settings.ROOT_URLCONF = Dot
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != OURS]
        provider(OAUTH2_VALIDATOR_CLASS=None)

    return switch


def requests():
    for name in NAMES:
        for method in ("get", "post", "put", "delete", "options", "head"):
            yield f"{method} {name}", method, reverse_any(name), {}
    for changes in [
        {},
        {"response_mode": "form_post"},
        {"response_mode": "fragment"},
        {"scope": "read"},
        {"scope": "openid unknown"},
        {"prompt": "none"},
        {"prompt": "login"},
        {"approval_prompt": "auto"},
        {"client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
        {"response_type": "code id_token"},
        {"response_type": "nonsense"},
        {"allow": "Authorize"},
    ]:
        data = authentication_request(**changes)
        yield f"get authorize {changes}", "get", reverse_any("authorize"), {"data": data}
        yield f"post authorize {changes}", "post", reverse_any("authorize"), {"data": data}
    for metadata in [
        {},
        {"redirect_uris": ["https://rp.example/"]},
        {"redirect_uris": ["https://rp.example/"], "response_types": ["code id_token"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": 7},
        [],
    ]:
        body = {"data": json.dumps(metadata), "content_type": "application/json"}
        yield f"register {metadata}", "post", reverse_any("dcr-register"), body
        yield f"update {metadata}", "put", reverse_any("dcr-register-management"), body


def responses(person, application):
    """Return what every request brings, to a signed-out and to a signed-in browser, with and without CSRF checks."""
    found = {}
    for skip_authorization in (True, False):
        application.skip_authorization = skip_authorization
        application.save()
        for enforce_csrf_checks in (True, False):
            for signed_in in (True, False):
                client = Client(enforce_csrf_checks=enforce_csrf_checks, raise_request_exception=False)
                if signed_in:
                    client.force_login(person)
                for title, method, url, arguments in requests():
                    with undone():
                        response = getattr(client, method)(url, **arguments)
                    cookies = sorted(name for name in response.cookies)
                    key = (skip_authorization, enforce_csrf_checks, signed_in, title)
                    found[key] = (response.status_code, response.headers, cookies, response.content)
    return found


@pytest.mark.django_db
def test_every_response_is_dots_with_the_feature_off(alice, application, provider, nothing_is_random, without_this_app):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    with_this_app = responses(alice, application)
    without_this_app()
    assert responses(alice, application) == with_this_app


@pytest.mark.django_db
def test_every_response_is_dots_with_the_feature_off_and_without_csrf_middleware(
    alice, application, settings, provider, nothing_is_random, without_this_app
):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
    with_this_app = responses(alice, application)
    without_this_app()
    assert responses(alice, application) == with_this_app


@pytest.mark.django_db
def test_the_comparison_would_see_a_difference(alice, application, nothing_is_random, without_this_app):
    with_this_app = responses(alice, application)
    without_this_app()
    assert responses(alice, application) != with_this_app
