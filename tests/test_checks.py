import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.urls import include, path
from oauth2_provider import urls as dot_urls
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views import AuthorizationView

import oidc_session
from oidc_session import checks, urls
from oidc_session.authorization_mixin import AuthorizationMixin
from oidc_session.conf import DEFAULTS
from oidc_session.validators import SessionValidatorMixin

PACKAGE = Path(oidc_session.__file__).parent
OURS = checks.MIDDLEWARE


def found():
    return {message.id: message for message in run_checks() if message.id.startswith("oidc_session.")}


def test_good_installation_has_no_complaint():
    assert found() == {}


def test_ids_are_given_once():
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    ids = re.findall(r'id="(oidc_session\.[EW]\d{3})"', source)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", [None, "", "  \n"])
def test_e001_default_session_key_is_missing(provider, key):
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY=key)
    [message] = found().values()
    assert message.id == "oidc_session.E001"
    assert '"OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY": env(' in message.hint


def test_e002_openid_connect_is_off(provider):
    provider(OIDC_ENABLED=False)
    assert '"OIDC_ENABLED": True' in found()["oidc_session.E002"].hint


def test_e003_middleware_is_missing(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != OURS]
    assert f'Add "{OURS}" below' in found()["oidc_session.E003"].hint


def test_e003_middleware_is_misspelt(settings):
    settings.MIDDLEWARE = [name.replace("SessionManagementM", "SesionManagementM") for name in settings.MIDDLEWARE]
    assert list(found()) == ["oidc_session.E003"]


def test_e004_middleware_stands_above_authentication(settings):
    settings.MIDDLEWARE = [OURS, *(name for name in settings.MIDDLEWARE if name != OURS)]
    assert f'Move the line "{OURS}"' in found()["oidc_session.E004"].hint


def test_e004_authentication_middleware_is_missing(settings):
    settings.MIDDLEWARE = [OURS]
    assert "oidc_session.E004" in found()


def test_subclasses_of_the_middleware_are_as_good(settings):
    own = "tests.middleware.OwnSessionManagementMiddleware"
    settings.MIDDLEWARE = [
        "tests.middleware.function_middleware",
        *(own if name == OURS else name for name in settings.MIDDLEWARE),
    ]
    assert found() == {}


def test_e005_validator_lacks_our_mixin(provider):
    provider(OAUTH2_VALIDATOR_CLASS=None)
    assert '"oidc_session.validators.SessionOAuth2Validator"' in found()["oidc_session.E005"].hint


class ValidatorWithOurMixinBehind(OAuth2Validator, SessionValidatorMixin):
    pass


class ValidatorWithOurMixinInFront(SessionValidatorMixin, OAuth2Validator):
    pass


@pytest.mark.parametrize("name", ["ValidatorWithOurMixinBehind", "MisspeltValidator", "DotsUrls.urlpatterns"])
def test_e005_validator_is_none_or_has_our_mixin_behind(provider, name):
    provider(OAUTH2_VALIDATOR_CLASS=f"tests.test_checks.{name}")
    assert list(found()) == ["oidc_session.E005"]


def test_validator_with_our_mixin_in_front_is_as_good(provider):
    provider(OAUTH2_VALIDATOR_CLASS="tests.test_checks.ValidatorWithOurMixinInFront")
    assert found() == {}


class DotsUrls:
    urlpatterns = [path("o/", include(dot_urls))]


class NoUrls:
    urlpatterns = []


class IframeOfOursWithDotsAuthorization:
    urlpatterns = [
        path(
            "o/",
            include(
                (
                    [*dot_urls.urlpatterns, path("iframe/", lambda request: None, name="check-session-iframe")],
                    "oauth2_provider",
                )
            ),
        )
    ]


class ViewWithOurMixinBehind(AuthorizationView, AuthorizationMixin):
    pass


class UrlsWithOurMixinBehind:
    authorize = path("authorize/", ViewWithOurMixinBehind.as_view(), name="authorize")
    urlpatterns = [path("o/", include(([authorize, *urls.urlpatterns], "oauth2_provider")))]


@pytest.mark.parametrize("urlconf", [DotsUrls, NoUrls, UrlsWithOurMixinBehind, IframeOfOursWithDotsAuthorization])
def test_e006_urls_are_not_included(settings, urlconf):
    settings.ROOT_URLCONF = urlconf
    assert 'path("o/", include("oidc_session.urls"))' in found()["oidc_session.E006"].hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_SESSION_MANAGEMENT_ENABLED", "yes"),
        ("OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY", b"bytes"),
        ("OIDC_SESSION_MANAGEMENT_COOKIE_NAME", 7),
        ("OIDC_SESSION_IFRAME_ENDPOINT", ["https://op.example/"]),
    ],
)
def test_e007_setting_is_of_the_wrong_type(provider, name, value):
    provider(**{name: value})
    message = found()["oidc_session.E007"]
    assert name in message.msg
    assert f'"{name}": {DEFAULTS[name]!r}' in message.hint


@pytest.mark.parametrize("path", ["/accounts/", "/o/check", "/O/"])
def test_e009_cookie_is_out_of_the_iframes_reach(settings, path):
    settings.SESSION_COOKIE_PATH = path
    assert list(found()) == ["oidc_session.E009"]


@pytest.mark.parametrize("path", ["/", "/o", "/o/", "/o/check-session-iframe/"])
def test_cookie_is_within_the_iframes_reach(settings, path):
    settings.SESSION_COOKIE_PATH = path
    assert found() == {}


def test_e009_looks_at_the_iframe_of_the_setting(settings, provider):
    settings.SESSION_COOKIE_PATH = "/o/"
    provider(OIDC_SESSION_IFRAME_ENDPOINT="https://op.example/iframe/")
    assert "/iframe/" in found()["oidc_session.E009"].msg


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "a b", "a;b", "a=b", "", "ä"])
def test_e008_cookie_name_is_taken_or_no_name(provider, name):
    provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME=name)
    assert list(found()) == ["oidc_session.E008"]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("OIDC_SESION_MANAGEMENT_ENABLED", "OIDC_SESSION_MANAGEMENT_ENABLED"),
        ("OIDC_SESSION_MANAGEMENT_DEFAULT_KEY", "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY"),
        ("OIDC_SESSION_IFRAME_URL", "OIDC_SESSION_IFRAME_ENDPOINT"),
        ("OIDC_ISS_ENDPIONT", "OIDC_ISS_ENDPOINT"),
        ("ODIC_SESSION_MANAGEMENT_ENABLED", "OIDC_SESSION_MANAGEMENT_ENABLED"),
        ("SESSION_MANAGEMENT_ENABLED", "OIDC_SESSION_MANAGEMENT_ENABLED"),
        ("oidc_session_iframe_endpoint", "OIDC_SESSION_IFRAME_ENDPOINT"),
    ],
)
def test_w001_misspelt_setting_is_answered_with_the_nearest_name(provider, misspelt, meant):
    provider(**{misspelt: True})
    message = found()["oidc_session.W001"]
    assert misspelt in message.msg
    assert meant in message.hint


def test_w001_unknown_setting_is_answered_with_all_names(provider):
    provider(OIDC_Q=True)
    assert all(name in found()["oidc_session.W001"].hint for name in DEFAULTS)


def test_w001_is_for_misspelling_the_setting_that_turns_it_on_too(provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=None, OIDC_SESSION_MANAGEMENT_ENABELD=True)
    assert list(found()) == ["oidc_session.W001"]


def test_settings_of_others_are_left_alone(provider):
    provider(SOMETHING_ELSE=True)
    assert found() == {}


def test_name_that_is_no_string_is_left_alone(settings):
    settings.OAUTH2_PROVIDER = settings.OAUTH2_PROVIDER | {7: True}
    assert found() == {}


@pytest.mark.parametrize("samesite", ["Strict", "strict"])
def test_w002_session_cookie_is_strict(settings, samesite):
    settings.SESSION_COOKIE_SAMESITE = samesite
    assert list(found()) == ["oidc_session.W002"]


@pytest.mark.parametrize("samesite", ["None", "none"])
def test_w003_session_cookie_for_all_sites_is_not_secure(settings, samesite):
    settings.SESSION_COOKIE_SAMESITE = samesite
    assert list(found()) == ["oidc_session.W003"]
    settings.SESSION_COOKIE_SECURE = True
    assert found() == {}


@pytest.mark.parametrize("samesite", [None, False])
def test_session_cookie_without_the_attribute_is_lax(settings, samesite):
    settings.SESSION_COOKIE_SAMESITE = samesite
    assert found() == {}


@pytest.fixture
def iframe_elsewhere(provider):
    provider(OIDC_ISS_ENDPOINT="https://op.example/o", OIDC_SESSION_IFRAME_ENDPOINT="https://www.op.example/iframe/")


def test_w008_iframe_is_on_another_origin_than_the_issuer(iframe_elsewhere):
    message = found()["oidc_session.W008"]
    assert "https://op.example" in message.msg
    assert "https://www.op.example" in message.hint


def test_iframe_may_be_anywhere_in_the_domain_of_the_cookie(iframe_elsewhere, settings):
    settings.SESSION_COOKIE_DOMAIN = "op.example"
    assert found() == {}


def test_iframe_of_the_setting_may_be_on_the_origin_of_the_issuer(provider):
    provider(OIDC_ISS_ENDPOINT="https://op.example/o", OIDC_SESSION_IFRAME_ENDPOINT="https://OP.example:443/iframe/")
    assert found() == {}


def test_nothing_is_asked_for_with_the_feature_off(settings):
    settings.OAUTH2_PROVIDER = {"OIDC_SESSION_MANAGEMENT_ENABLED": False}
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = NoUrls
    assert found() == {}
