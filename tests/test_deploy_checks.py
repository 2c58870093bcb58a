import pytest
from django.core.checks import run_checks
from django.db import DatabaseError
from django.urls import path

from oidc_session import deploy_checks
from oidc_session.models import ClientLogoutSettings
from tests.notices import application_at
from tests.swappable import Application

pytestmark = pytest.mark.django_db


def found():
    messages = run_checks(include_deployment_checks=True)
    return {message.id: message for message in messages if message.id.startswith("oidc_session.")}


@pytest.fixture
def issuer(provider):
    provider(OIDC_ISS_ENDPOINT="https://op.example/o")


def register(redirect_uris):
    Application.objects.create(
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_uris,
    )


def test_good_deployment_has_no_complaint(issuer):
    register("https://rp.op.example/callback my.app:/callback")
    assert found() == {}


def test_nothing_is_asked_for_with_the_feature_off(provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False, OIDC_ISS_ENDPOINT="http://op.example/o")
    assert found() == {}


def test_w004_default_session_key_is_short(provider):
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="short")
    assert "secrets.token_urlsafe" in found()["oidc_session.W004"].hint


def test_settings_of_the_wrong_type_are_left_to_e007(provider):
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY=5)
    assert list(found()) == ["oidc_session.E007"]
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="k" * 32, OIDC_SESSION_IFRAME_ENDPOINT=["/iframe/"])
    assert "oidc_session.E007" in found()


@pytest.mark.parametrize("name", ["OIDC_ISS_ENDPOINT", "OIDC_SESSION_IFRAME_ENDPOINT"])
def test_w005_plain_http(provider, name):
    provider(**{name: "http://op.example/o"})
    assert name in found()["oidc_session.W005"].msg


def test_w006_relying_party_of_another_site(issuer):
    register("https://rp.example.net/callback https://sub.op.example/callback")
    message = found()["oidc_session.W006"]
    assert "https://rp.example.net" in message.msg
    assert "sub.op.example" not in message.msg


def test_w006_names_few_of_many(issuer):
    for number in range(12):
        register(f"https://rp{number}.example.net/callback")
    assert found()["oidc_session.W006"].msg.endswith(" and 7 more.")


def test_w006_is_silent_where_the_issuer_is_not_set():
    register("https://rp.example.net/callback")
    assert found() == {}


def test_w006_is_silent_before_the_first_migration(issuer, monkeypatch):
    def values_list(*args, **kwargs):
        raise DatabaseError
        yield

    monkeypatch.setattr(Application._default_manager, "values_list", values_list)
    assert found() == {}


def test_w011_is_silent_before_the_first_migration(provider, monkeypatch):
    def values_list(*args, **kwargs):
        raise DatabaseError

    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    monkeypatch.setattr(ClientLogoutSettings.objects, "values_list", values_list)
    assert found() == {}


@pytest.mark.parametrize(
    ("middleware", "named"),
    [
        ("refuses_frames", "X-Frame-Options"),
        ("sets_a_policy", "Content-Security-Policy"),
        ("sets_a_cookie", "Set-Cookie"),
        ("varies_on_cookie", "Vary"),
        ("asks_for_login", "status 403"),
    ],
)
def test_w007_middleware_spoils_the_iframe(issuer, settings, middleware, named):
    settings.MIDDLEWARE = [f"tests.middleware.{middleware}", *settings.MIDDLEWARE]
    assert named in found()["oidc_session.W007"].msg


def test_w007_lets_the_iframe_vary_on_something_else(issuer, settings):
    settings.MIDDLEWARE = ["tests.middleware.varies_on_language", *settings.MIDDLEWARE]
    assert found() == {}


def test_w007_leaves_misspelt_middleware_to_e003(issuer, settings):
    ours = "oidc_session.middleware.SessionManagementMiddleware"
    settings.MIDDLEWARE = [*(name for name in settings.MIDDLEWARE if name != ours), "oidc_session.middleware.Misspelt"]
    assert list(found()) == ["oidc_session.E003"]


def test_w007_asks_over_https_as_the_proxy_says_it(issuer, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert found() == {}


@pytest.mark.parametrize("hosts", [["op.example"], [".op.example"], ["*"], []])
def test_w007_asks_a_host_that_is_allowed(provider, settings, hosts):
    settings.ALLOWED_HOSTS = hosts
    settings.DEBUG = hosts == []
    assert found() == {}


class NoUrls:
    urlpatterns = [path("", lambda request: None)]


def test_w007_leaves_missing_urls_to_e006(settings):
    settings.ROOT_URLCONF = NoUrls
    assert list(found()) == ["oidc_session.E006"]
    assert list(deploy_checks.iframe_that_middleware_spoils()) == []


def test_w011_guard_refuses_some_applications(provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application_at("https://rp.example/backchannel", "public")
    application_at("https://10.0.0.5:8443/backchannel?key=secret", "private")
    message = found()["oidc_session.W011"]
    assert message.msg.endswith(": https://10.0.0.5:8443.")
    provider(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["10.0.0.0/8"])
    assert "oidc_session.W011" not in found()


def test_w005_is_for_logout_channels_too(provider):
    provider(
        OIDC_SESSION_MANAGEMENT_ENABLED=False,
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_ISS_ENDPOINT="http://op.example/o",
    )
    assert list(found()) == ["oidc_session.W005"]
