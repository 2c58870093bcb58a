"""The logout URIs of clients that register themselves."""

import json

import pytest

from oidc_session.logout_metadata import LOGOUT_MEMBERS
from oidc_session.models import ClientLogoutSettings
from tests.registration import application_of, description, fields_of, get, manage, put, register, registered
from tests.swappable import Application

FRONT = {
    "frontchannel_logout_uri": "https://rp.example/logout?front=1",
    "frontchannel_logout_session_required": True,
}
BACK = {"backchannel_logout_uri": "https://back.rp.example/logout", "backchannel_logout_session_required": True}
HTTP = {"backchannel_logout_uri": "http://back.rp.example/logout"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)


def stored(information):
    return ClientLogoutSettings.objects.filter(application=application_of(information)).values(*LOGOUT_MEMBERS).first()


def logout_members(answer):
    return {name: answer[name] for name in LOGOUT_MEMBERS if name in answer}


@pytest.mark.parametrize("asked", [FRONT, BACK, FRONT | BACK])
def test_registration_stores_and_echoes(client, asked):
    information = registered(client, **asked)
    assert logout_members(information) == asked
    assert stored(information).items() >= asked.items()
    assert logout_members(get(client, information)) == asked


def test_update_stores_and_echoes(client):
    information = registered(client)
    assert logout_members(put(client, information, **FRONT, **BACK).json()) == FRONT | BACK
    assert stored(information) == FRONT | BACK


def test_session_is_not_required_by_default(client):
    information = registered(client, backchannel_logout_uri=BACK["backchannel_logout_uri"])
    assert information["backchannel_logout_session_required"] is False
    assert get(client, information)["backchannel_logout_session_required"] is False
    assert "frontchannel_logout_session_required" not in information


def test_client_that_asks_for_nothing_has_no_settings(client):
    information = registered(client)
    assert logout_members(information) == logout_members(get(client, information)) == {}
    assert stored(information) is None


def test_requirement_without_a_uri_is_echoed(client):
    information = registered(
        client, backchannel_logout_session_required=True, frontchannel_logout_session_required=False
    )
    assert logout_members(information) == {
        "frontchannel_logout_session_required": False,
        "backchannel_logout_session_required": True,
    }
    assert logout_members(get(client, information)) == {"backchannel_logout_session_required": True}


@pytest.mark.parametrize("left_out", [{}, dict.fromkeys(LOGOUT_MEMBERS)])
def test_update_that_leaves_them_out_removes_them(client, left_out):
    information = registered(client, **FRONT, **BACK)
    assert logout_members(put(client, information, **left_out).json()) == {}
    assert logout_members(get(client, information)) == {}
    assert stored(information) is None


def test_update_replaces_one_by_the_other(client):
    information = registered(client, **FRONT)
    assert logout_members(put(client, information, **BACK).json()) == BACK
    assert stored(information)["frontchannel_logout_uri"] == ""
    assert stored(information)["frontchannel_logout_session_required"] is False


def test_null_is_the_same_as_no_member(client):
    information = registered(client, **dict.fromkeys(LOGOUT_MEMBERS))
    assert logout_members(information) == {}


def test_what_was_read_can_be_sent_back(client):
    information = registered(client, **FRONT, **BACK)
    before = stored(information)
    assert manage(client, "PUT", information, get(client, information)).status_code == 200
    assert stored(information) == before


def test_settings_go_with_the_client(client):
    assert manage(client, "DELETE", registered(client, **BACK)).status_code == 204
    assert not ClientLogoutSettings.objects.exists()


@pytest.mark.parametrize("name", ["frontchannel_logout_uri", "backchannel_logout_uri"])
@pytest.mark.parametrize(
    "uri",
    [
        "",
        " ",
        "/logout",
        "javascript:alert(1)",
        "http://rp.example/logout",
        "https://rp.example/#fragment",
        "https://rp.example/#",
        "https://user@rp.example/",
        "https://rp.example\\@evil.example/",
        "https://rp.example/\nlogout",
        "https://rp.example/\0",
        "https://rp.example/\ud800",
        "https://rp.example/" + "a" * 2048,
        ["https://rp.example/"],
        {"a": "b"},
        True,
        False,
        5,
    ],
)
def test_bad_uri_is_refused(client, name, uri):
    response = register(client, **{name: uri})
    assert description(response).startswith(name)
    assert len(response.content) < 500
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["frontchannel_logout_session_required", "backchannel_logout_session_required"])
@pytest.mark.parametrize("value", ["true", "false", "", 0, 1, [], {}])
def test_requirement_is_a_boolean(client, name, value):
    assert description(register(client, **{name: value})) == f"{name} must be true or false"


def test_frontchannel_uri_must_have_the_origin_of_a_redirect_uri(client):
    response = register(client, frontchannel_logout_uri="https://evil.example/logout")
    assert "scheme, host and port of a redirect URI" in description(response)


def test_frontchannel_uri_is_compared_with_the_redirect_uris_of_the_same_request(client):
    information = registered(client, **FRONT)
    moved = {
        "redirect_uris": ["https://new.example/callback"],
        "frontchannel_logout_uri": "https://new.example/logout",
    }
    assert "redirect URI" in description(put(client, information, redirect_uris=moved["redirect_uris"], **FRONT))
    assert put(client, information, **moved).json().items() >= moved.items()


def test_every_bad_member_is_named(client):
    told = description(register(client, frontchannel_logout_uri="https://a/#", backchannel_logout_uri="ftp://b/"))
    assert "frontchannel_logout_uri: " in told
    assert "backchannel_logout_uri: " in told


@pytest.mark.parametrize(
    "asked",
    [
        {"backchannel_logout_uri": "ftp://rp.example/"},
        {"frontchannel_logout_uri": "https://evil.example/"},
        {"backchannel_logout_session_required": "true"},
        {"post_logout_redirect_uris": ["https://rp.example/#"]},
        {"client_secret": "another"},
    ],
)
def test_refused_update_changes_nothing(client, asked):
    information = registered(client, **FRONT, **BACK)
    before = fields_of(information), stored(information)
    description(put(client, information, **{"client_name": "New", "backchannel_logout_uri": "https://new/"} | asked))
    assert (fields_of(information), stored(information)) == before
    assert logout_members(get(client, information)) == FRONT | BACK  # By the token that has not been rotated.


@pytest.mark.parametrize("token_endpoint_auth_method", ["none", "client_secret_basic"])
@pytest.mark.parametrize("uri", ["http://back.rp.example/logout", "http://127.0.0.1:8001/logout"])
def test_http_is_for_confidential_clients_and_loopback(client, provider, token_endpoint_auth_method, uri):
    provider(
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"], OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"]
    )
    response = register(client, backchannel_logout_uri=uri, token_endpoint_auth_method=token_endpoint_auth_method)
    if token_endpoint_auth_method == "none" and "127.0.0.1" not in uri:
        assert "only a confidential client may use http" in description(response)
    else:
        assert response.json()["backchannel_logout_uri"] == uri


def test_address_of_a_private_network_is_refused_at_once(client):
    response = register(client, backchannel_logout_uri="https://169.254.169.254/latest/")
    assert "private network" in description(response)


def test_confidential_client_that_becomes_public_loses_http(client, provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"])
    information = registered(client, **HTTP)
    assert "must use https" in description(put(client, information, token_endpoint_auth_method="none", **HTTP))
    assert application_of(information).client_type == "confidential"


@pytest.mark.parametrize("channel", ["frontchannel", "backchannel"])
class TestWithAChannelOff:
    @pytest.fixture
    def off(self, provider, channel):
        provider(**{f"OIDC_{channel.upper()}_LOGOUT_ENABLED": False})

    @pytest.fixture
    def mine(self, channel):
        return FRONT if channel == "frontchannel" else BACK

    @pytest.mark.usefixtures("off")
    def test_its_members_are_not_supported(self, client, mine):
        for name, value in mine.items():
            assert description(register(client, **{name: value})) == f"{name} is not supported"

    @pytest.mark.usefixtures("off")
    def test_requirement_of_nothing_is_let_pass(self, client, channel):
        information = registered(client, **{f"{channel}_logout_session_required": False})
        assert logout_members(information) == {}

    @pytest.mark.usefixtures("off")
    def test_the_other_channel_is_served(self, client, mine):
        other = BACK if mine is FRONT else FRONT
        assert logout_members(registered(client, **other)) == other

    def test_its_members_are_not_told(self, client, mine, channel, provider):
        information = registered(client, **FRONT, **BACK)
        provider(**{f"OIDC_{channel.upper()}_LOGOUT_ENABLED": False})
        answer = get(client, information)
        assert logout_members(answer) == (BACK if mine is FRONT else FRONT)
        assert manage(client, "PUT", information, answer).status_code == 200


def test_with_session_management_alone_no_logout_is_served(client, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False, OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    for name, value in (FRONT | BACK).items():
        assert description(register(client, **{name: value})) == f"{name} is not supported"


@pytest.mark.parametrize("name", ["OIDC_FRONTCHANNEL_LOGOUT_ENABLED", "OIDC_BACKCHANNEL_LOGOUT_ENABLED"])
def test_with_one_channel_alone_clients_of_openid_connect_are_served(client, provider, name):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False)
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    provider(**{name: True})
    assert registered(client)["id_token_signed_response_alg"] == "RS256"


class WantsALogoutURI:
    def has_permission(self, request):
        return json.loads(request.body).get("backchannel_logout_uri") == BACK["backchannel_logout_uri"]


def test_permission_class_finds_the_uris_of_the_request(client, provider):
    provider(DCR_REGISTRATION_PERMISSION_CLASSES=(f"{__name__}.WantsALogoutURI",))
    assert register(client).status_code == 401
    assert register(client, **BACK).status_code == 201


def test_stranger_learns_nothing_of_what_is_wrong(client, provider):
    provider(DCR_REGISTRATION_PERMISSION_CLASSES=None)
    response = register(client, backchannel_logout_uri="ftp://rp.example/")
    assert (response.status_code, response.json()["error"]) == (401, "access_denied")
