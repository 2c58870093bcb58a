import re
from pathlib import Path

import pytest

from oidc_session.registration import REFUSED_MEMBERS
from tests.oidc import REDIRECT_URI
from tests.registration import (
    ASKED,
    LOGGED_OUT,
    application_of,
    description,
    fields_of,
    get,
    manage,
    put,
    register,
    registered,
)

pytestmark = pytest.mark.django_db


def test_registration_echoes_what_was_asked(client):
    assert registered(client, **ASKED).items() >= ASKED.items()


def test_update_echoes_what_was_asked(client):
    assert put(client, registered(client), **ASKED).json().items() >= ASKED.items()


def test_defaults_are_told(client):
    information = registered(client)
    assert information["application_type"] == "web"
    assert information["subject_type"] == "public"
    assert information["id_token_signed_response_alg"] == "RS256"
    assert information["token_endpoint_auth_method"] == "client_secret_basic"
    assert information.keys().isdisjoint({"scope", "require_auth_time", "post_logout_redirect_uris"})


def test_secret_never_expires(client):
    assert registered(client)["client_secret_expires_at"] == 0


def test_time_of_issue_is_told(client):
    information = registered(client)
    issued_at = int(application_of(information).created.timestamp())
    assert information["client_id_issued_at"] == issued_at
    assert get(client, information)["client_id_issued_at"] == issued_at


def test_answers_with_credentials_are_not_stored(client):
    response = register(client)
    assert response["Cache-Control"] == "no-store"
    assert put(client, response.json())["Cache-Control"] == "no-store"


def test_informational_and_unknown_members_are_ignored(client):
    asked = {
        "client_uri": "https://rp.example",
        "contacts": [1],
        "jwks": {"keys": [{"kty": "RSA"}]},
        "software_statement": "a.b.c",
        "client_name#ja": "名",
        "unknown": {"nested": [None]},
        "skip_authorization": True,
        "client_id": "chosen",
        "client_secret": "chosen",
    }
    information = registered(client, **asked)
    assert information.keys() & asked.keys() == {"client_id", "client_secret"}
    assert "chosen" not in information.values()
    assert not application_of(information).skip_authorization


def test_null_is_the_same_as_no_member(client):
    asked = dict.fromkeys((*ASKED, *REFUSED_MEMBERS)) | {"redirect_uris": [REDIRECT_URI]}
    assert registered(client, **asked).keys() == registered(client).keys()


def test_members_that_ask_for_nothing_are_no_reason_to_refuse(client):
    asked = {"sector_identifier_uri": False, "request_uris": []}
    assert registered(client, **asked).keys().isdisjoint(asked)


def test_reading_tells_what_the_application_holds(client):
    information = registered(client, post_logout_redirect_uris=[LOGGED_OUT], response_types=["code id_token"])
    answer = get(client, information)
    assert answer["grant_types"] == ["authorization_code", "implicit", "refresh_token"]
    assert answer["response_types"] == ["code", "code id_token", "code id_token token", "code token"]
    assert answer["post_logout_redirect_uris"] == [LOGGED_OUT]
    assert answer["id_token_signed_response_alg"] == "RS256"
    assert answer["subject_type"] == "public"
    assert "client_secret" not in answer


@pytest.mark.parametrize(
    "grant_types", [["authorization_code"], ["implicit"], ["password"], ["authorization_code", "implicit"]]
)
def test_what_was_read_can_be_sent_back(client, grant_types):
    information = registered(client, grant_types=grant_types, client_name="Sample")
    before = fields_of(information)
    assert manage(client, "PUT", information, get(client, information)).status_code == 200
    assert fields_of(information) | {"updated": None} == before | {"updated": None}


def test_client_from_before_the_feature_has_no_algorithm_to_tell(client, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    information = registered(client)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True)
    assert "id_token_signed_response_alg" not in get(client, information)


@pytest.mark.parametrize("name", REFUSED_MEMBERS)
def test_member_that_cannot_be_honoured_is_refused(client, name):
    value = 0 if name == "default_max_age" else "https://rp.example/"
    assert description(register(client, **{name: value})) == f"{name} is not supported"


def test_reference_names_every_refused_member():
    text = (Path(__file__).parents[1] / "docs" / "reference" / "registration.md").read_text()
    refused = text.split("## Refused\n")[1].split("\n## ")[0]
    assert set(re.findall("`([a-z_]+_[a-z_]+)`", refused)) == {*REFUSED_MEMBERS, "invalid_client_metadata"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject_type", "pairwise"),
        ("application_type", "desktop"),
        ("token_endpoint_auth_method", "private_key_jwt"),
        ("id_token_signed_response_alg", "none"),
        ("id_token_signed_response_alg", "ES256"),
        ("scope", "openid everything"),
    ],
)
def test_value_that_cannot_be_honoured_is_refused(client, name, value):
    assert description(register(client, **{name: value})).startswith(name)


@pytest.mark.parametrize(
    "asked",
    [
        {"token_endpoint_auth_method": "none"},
        {"response_types": ["code id_token"]},
        {"response_types": ["id_token"]},
    ],
)
def test_hs256_is_for_clients_that_keep_their_tokens_from_the_browser(client, asked):
    response = register(client, id_token_signed_response_alg="HS256", **asked)
    assert description(response).startswith("id_token_signed_response_alg HS256")


def test_rs256_without_a_key_is_refused_in_words_for_strangers(client, provider):
    provider(OIDC_RSA_PRIVATE_KEY="")
    assert description(register(client)) == "id_token_signed_response_alg RS256 is not available"


def test_hs256_needs_no_rsa_key(client, provider):
    provider(OIDC_RSA_PRIVATE_KEY="")
    assert registered(client, id_token_signed_response_alg="HS256")["client_secret"]
