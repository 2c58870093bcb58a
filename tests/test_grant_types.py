import pytest

from tests.registration import application_of, description, register, registered
from tests.swappable import Application

pytestmark = pytest.mark.django_db

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.mark.parametrize(
    ("asked", "grant_types", "response_types", "grant_type"),
    [
        ({}, ["authorization_code"], ["code"], "authorization-code"),
        ({"response_types": ["code"]}, ["authorization_code"], ["code"], "authorization-code"),
        (
            {"grant_types": ["refresh_token", "authorization_code"]},
            ["refresh_token", "authorization_code"],
            ["code"],
            "authorization-code",
        ),
        (
            {"response_types": ["id_token code", "code", "code id_token"]},
            ["authorization_code", "implicit"],
            ["code id_token", "code"],
            "openid-hybrid",
        ),
        (
            {"response_types": ["token id_token code"], "grant_types": ["implicit", "authorization_code"]},
            ["implicit", "authorization_code"],
            ["code id_token token"],
            "openid-hybrid",
        ),
        (
            {"grant_types": ["authorization_code", "implicit"]},
            ["authorization_code", "implicit"],
            ["code", "code id_token", "code id_token token", "code token"],
            "openid-hybrid",
        ),
        ({"response_types": ["token id_token"]}, ["implicit"], ["id_token token"], "implicit"),
        ({"grant_types": ["implicit"]}, ["implicit"], ["id_token", "id_token token", "token"], "implicit"),
        ({"grant_types": ["password", "refresh_token"]}, ["password", "refresh_token"], [], "password"),
        (
            {"grant_types": ["client_credentials"], "response_types": []},
            ["client_credentials"],
            [],
            "client-credentials",
        ),
        ({"grant_types": [DEVICE_CODE]}, [DEVICE_CODE], [], DEVICE_CODE),
    ],
)
def test_flows_become_one_grant_type_and_are_echoed(client, asked, grant_types, response_types, grant_type):
    information = registered(client, **asked)
    assert information["grant_types"] == grant_types
    assert information["response_types"] == response_types
    assert application_of(information).authorization_grant_type == grant_type


@pytest.mark.parametrize(
    "asked",
    [
        {"response_types": ["code", "id_token"]},
        {"response_types": ["code", "token"], "grant_types": ["authorization_code", "implicit"]},
        {"response_types": ["code id_token"], "grant_types": ["authorization_code"]},
        {"response_types": ["code"], "grant_types": ["authorization_code", "implicit"]},
        {"response_types": ["code"], "grant_types": ["implicit"]},
        {"response_types": ["code"], "grant_types": ["client_credentials"]},
        {"response_types": [], "grant_types": ["authorization_code"]},
        {"response_types": []},
        {"response_types": [""]},
        {"response_types": ["none"]},
        {"response_types": ["code code"]},
        {"grant_types": []},
        {"grant_types": ["refresh_token"]},
        {"grant_types": ["implicit", "refresh_token"]},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"]},
    ],
)
def test_flows_that_one_application_cannot_have_are_refused(client, asked):
    assert "_types" in description(register(client, **asked))
    assert not Application.objects.exists()


def test_refusal_names_the_grant_type_to_drop(client):
    response = register(client, response_types=["code"], grant_types=["authorization_code", "implicit"])
    assert description(response) == "grant_types must go without what no response_types need: implicit"


@pytest.mark.parametrize("response_type", ["code", "code id_token", "token"])
def test_flows_with_redirects_need_a_redirect_uri(client, response_type):
    response = register(client, redirect_uris=[], response_types=[response_type])
    assert description(response).startswith("redirect_uris")


def test_client_credentials_need_a_secret(client):
    asked = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}
    assert description(register(client, **asked)).startswith("token_endpoint_auth_method")
