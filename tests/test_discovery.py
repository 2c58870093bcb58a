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
