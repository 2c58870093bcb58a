import json

import pytest

DOCUMENTS = ["/o/.well-known/openid-configuration", "/o/.well-known/oauth-authorization-server"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=DOCUMENTS, ids=["openid", "rfc8414"])
def document(request):
    return request.param


def test_members_of_session_management(client, document):
    metadata = client.get(document).json()
    assert metadata["check_session_iframe"].startswith("http://testserver/o/check-session-iframe/?v=")
    assert metadata["response_modes_supported"] == ["query", "fragment", "form_post"]
    assert metadata["registration_endpoint"] == "http://testserver/o/register/"


def test_claims_of_sessions_are_named(client, document):
    assert {"sid", "auth_time"} <= set(client.get(document).json()["claims_supported"])


def test_prompts_are_named(client, document):
    assert {"none", "login"} <= set(client.get(document).json()["prompt_values_supported"])


def test_logout_is_named_where_it_is_open(client, document, provider):
    assert "end_session_endpoint" not in client.get(document).json()
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=True)
    assert client.get(document).json()["end_session_endpoint"] == "http://testserver/o/logout/"


def test_iframe_is_where_it_says(client, document):
    assert client.get(client.get(document).json()["check_session_iframe"]).status_code == 200


def test_iframe_endpoint_is_a_setting(client, document, provider):
    provider(OIDC_SESSION_IFRAME_ENDPOINT="https://op.example/iframe")
    assert client.get(document).json()["check_session_iframe"] == "https://op.example/iframe"


def test_iframe_is_on_the_issuers_origin(client, document, provider):
    provider(OIDC_ISS_ENDPOINT="https://op.example/o")
    assert client.get(document).json()["check_session_iframe"].startswith("https://op.example/o/")


def test_registration_is_named_only_where_it_is_open(client, document, provider):
    provider(DCR_ENABLED=False)
    assert "registration_endpoint" not in client.get(document).json()


def test_documents_are_dots_with_the_feature_off(client, document, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert {"check_session_iframe", "response_modes_supported"}.isdisjoint(client.get(document).json())


def test_plain_oauth_server_names_no_iframe(client, provider):
    provider(OIDC_ENABLED=False)
    assert "check_session_iframe" not in client.get(DOCUMENTS[1]).json()
    assert client.get(DOCUMENTS[0]).status_code == 404


def test_documents_may_be_read_by_every_page(client, document):
    assert client.get(document)["Access-Control-Allow-Origin"] == "*"


# Which logout channels there are


LOGOUT_MEMBERS = {
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
}


def logout_members(client, document):
    return {name: value for name, value in client.get(document).json().items() if name in LOGOUT_MEMBERS}


@pytest.mark.parametrize("session_management", [True, False])
@pytest.mark.parametrize("frontchannel", [True, False])
@pytest.mark.parametrize("backchannel", [True, False])
def test_only_what_is_on_is_named(client, document, provider, session_management, frontchannel, backchannel):
    provider(
        OIDC_SESSION_MANAGEMENT_ENABLED=session_management,
        OIDC_FRONTCHANNEL_LOGOUT_ENABLED=frontchannel,
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=backchannel,
    )
    channels = {"frontchannel": frontchannel, "backchannel": backchannel}
    on = {f"{name}_logout" for name, is_on in channels.items() if is_on}
    assert logout_members(client, document) == {
        f"{name}_{what}": True for name in on for what in ("supported", "session_supported")
    }
    metadata = client.get(document).json()
    assert ("check_session_iframe" in metadata) == session_management
    assert ("response_modes_supported" in metadata) == (session_management or frontchannel or backchannel)
    assert ("sid" in metadata.get("claims_supported", [])) == (session_management or frontchannel or backchannel)


def test_channels_are_json_booleans(client, document, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    text = client.get(document).content.decode()
    for name in LOGOUT_MEMBERS:
        assert f'"{name}": true' in text
    assert all(value is True for name, value in json.loads(text).items() if name in LOGOUT_MEMBERS)


def test_plain_oauth_server_names_no_channel(client, provider):
    provider(OIDC_ENABLED=False, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    assert logout_members(client, DOCUMENTS[1]) == {}
