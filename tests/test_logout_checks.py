import math

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from jwcrypto import jwk

from oidc_session.models import ClientLogoutSettings
from tests.keys import rsa_pem
from tests.notices import application_at

SECONDS = [
    "OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT",
    "OIDC_BACKCHANNEL_LOGOUT_TIMEOUT",
    "OIDC_BACKCHANNEL_LOGOUT_HORIZON",
    "OIDC_BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS",
]


def found():
    return {message.id: message for message in run_checks() if message.id.startswith("oidc_session.")}


@pytest.fixture(autouse=True)
def channels(provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)


def test_defaults_are_good():
    assert found() == {}


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, math.inf, False])
def test_e010_number_of_seconds_is_not_above_zero(provider, name, value):
    provider(**{name: value})
    message = found()["oidc_session.E010"]
    assert message.msg.startswith(name)


def test_e010_tells_the_default(provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=0)
    assert "5.0" in found()["oidc_session.E010"].hint


@pytest.mark.parametrize("name", SECONDS)
def test_number_of_seconds_may_be_small(provider, name):
    provider(**{name: 1})
    assert found() == {}


@pytest.mark.parametrize("value", [-1, -0.1, math.nan, math.inf])
def test_e011_wait_is_negative(provider, value):
    provider(OIDC_BACKCHANNEL_LOGOUT_WAIT=value)
    assert list(found()) == ["oidc_session.E011"]


@pytest.mark.parametrize("value", [0, 0.0, 2])
def test_nobody_needs_to_wait(provider, value):
    provider(OIDC_BACKCHANNEL_LOGOUT_WAIT=value)
    assert found() == {}


@pytest.mark.parametrize("name", [*SECONDS, "OIDC_BACKCHANNEL_LOGOUT_WAIT"])
def test_number_of_seconds_that_is_none_is_said_once(provider, name):
    provider(**{name: "5"})
    assert list(found()) == ["oidc_session.E007"]


@pytest.mark.parametrize("schemes", [[], ["ftp"], ["https", "javascript"], ["https:"], [""], [5], [None]])
def test_e012_scheme_is_not_of_the_web(provider, schemes):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=schemes)
    assert list(found()) == ["oidc_session.E012"]


def test_schemes_as_one_string_are_said_once(provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES="https")
    assert list(found()) == ["oidc_session.E007"]


@pytest.mark.parametrize("schemes", [["https"], ["http"], ("https", "http"), ["HTTPS"]])
def test_schemes_of_the_web_are_good(provider, schemes):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=schemes)
    assert found() == {}


@pytest.mark.parametrize(
    "host_map",
    [
        {"https://shop.example.org": "http://shop:8000/"},
        {"https://shop.example.org": "http://shop:8000/logout"},
        {"https://shop.example.org": "shop:8000"},
        {"https://shop.example.org": "http://shop:80"},
        {"https://shop.example.org": None},
        {"https://shop.example.org:443": "http://shop:8000"},
        {"https://Shop.example.org": "http://shop:8000"},
        {"shop.example.org": "http://shop:8000"},
        {"https://user@shop.example.org": "http://shop:8000"},
        {"https://good.example.org": "http://good:8000", 5: "http://shop:8000"},
    ],
)
def test_e013_host_map_has_something_else_than_origins(provider, host_map):
    provider(OIDC_BACKCHANNEL_LOGOUT_HOST_MAP=host_map)
    message = found()["oidc_session.E013"]
    assert repr(list(host_map)[-1]) in message.msg


@pytest.mark.parametrize(
    "host_map",
    [
        {"https://shop.example.org": "http://shop:8000"},
        {"https://shop.example.org:8443": "https://[fd00::1]:8443"},
        {"https://xn--gre-6ka8i.example": "http://10.0.0.7"},
    ],
)
def test_host_map_of_origins_is_good(provider, host_map):
    provider(OIDC_BACKCHANNEL_LOGOUT_HOST_MAP=host_map)
    assert found() == {}


def test_host_map_that_is_none_is_said_once(provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_HOST_MAP=["https://shop.example.org"])
    assert list(found()) == ["oidc_session.E007"]


@pytest.mark.parametrize("key", [None, ""])
def test_w010_signing_key_is_missing(provider, key):
    provider(OIDC_RSA_PRIVATE_KEY=key)
    [message] = found().values()
    assert message.id == "oidc_session.W010"
    assert "HS256" in message.hint


def encrypted():
    key = load_pem_private_key(rsa_pem().encode(), password=None)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(*form, serialization.BestAvailableEncryption(b"a password")).decode()


BAD_KEYS = {
    "no PEM": lambda: "a-secret-that-is-not-a-key-but-long-enough-to-be-one",
    "cut": lambda: rsa_pem()[:400],
    "on one line": lambda: rsa_pem().replace("\n", "\\n"),
    "public": lambda: jwk.JWK.from_pem(rsa_pem().encode()).export_to_pem().decode(),
    "of another kind": lambda: jwk.JWK.generate(kty="EC", crv="P-256").export_to_pem(True, None).decode(),
    "with a password": encrypted,
    "of another type": lambda: rsa_pem().encode(),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_e014_key_cannot_sign(provider, kind):
    key = BAD_KEYS[kind]()
    provider(OIDC_RSA_PRIVATE_KEY=key)
    message = found()["oidc_session.E014"]
    assert str(key)[30:50] not in str(message)


def test_rules_of_a_channel_that_is_off_are_not_asked(provider):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=False, OIDC_BACKCHANNEL_LOGOUT_HOST_MAP={"a": "b"}, OIDC_RSA_PRIVATE_KEY=""
    )
    assert found() == {}


def test_nothing_is_asked_for_with_both_channels_off(provider):
    provider(
        OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False,
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=False,
        OIDC_BACKCHANNEL_LOGOUT_TIMEOUT=0,
        OIDC_BACKCHANNEL_LOGOUT_WAIT=-1,
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=[],
    )
    assert found() == {}


@pytest.mark.parametrize("name", ["OIDC_FRONTCHANNEL_LOGOUT_ENABLED", "OIDC_BACKCHANNEL_LOGOUT_ENABLED"])
def test_channel_alone_needs_sessions_but_no_cookie(provider, settings, name):
    provider(
        OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False,
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=False,
        OIDC_SESSION_MANAGEMENT_ENABLED=False,
        OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY=None,
        OIDC_SESSION_MANAGEMENT_COOKIE_NAME="sessionid",
    )
    provider(**{name: True})
    assert found() == {}
    settings.MIDDLEWARE = []
    provider(OAUTH2_VALIDATOR_CLASS=None)
    assert found().keys() == {"oidc_session.E003", "oidc_session.E005"}


@pytest.mark.parametrize("entry", ["", "http://rp.internal", "10.0.0.0/33", "*", "rp.*", 7])
def test_e015_entry_is_neither_name_nor_network(provider, entry):
    provider(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["rp.internal", entry])
    assert repr(entry) in found()["oidc_session.E015"].msg


@pytest.mark.parametrize("entry", ["rp.internal", "*.internal", "10.0.0.0/8", "127.0.0.1", "fd00::/8"])
def test_names_patterns_and_networks_may_be_allowed(provider, entry):
    provider(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=[entry])
    assert found() == {}


@pytest.mark.django_db
def test_address_that_the_guard_refuses_cannot_be_saved(provider):
    application = application_at("")
    settings = ClientLogoutSettings(application=application, backchannel_logout_uri="https://10.0.0.5/")
    with pytest.raises(ValidationError, match="private network"):
        settings.full_clean(exclude=["application"])
    provider(OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["10.0.0.0/8"])
    settings.full_clean(exclude=["application"])
