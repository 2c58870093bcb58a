"""What a registered client can do: the whole way from registration to its ID token."""

import json

import pytest
from django.urls import reverse
from jwcrypto import jwk, jwt
from jwcrypto.common import base64url_encode
from oauth2_provider.utils import jwk_from_pem

from tests.keys import rsa_pem
from tests.oidc import AUTHORIZE, REDIRECT_URI, authorize, fragment_of, query_of
from tests.registration import put, registered
from tests.swappable import Application

pytestmark = pytest.mark.django_db


def tokens(client, information, code):
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": information["client_id"],
    }
    if "client_secret" in information:
        data["client_secret"] = information["client_secret"]
    response = client.post(reverse("oauth2_provider:token"), data)
    assert response.status_code == 200, response.content
    return response.json()


def claims(id_token, key):
    return json.loads(jwt.JWT(jwt=id_token, key=key).claims)


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def consenting(information):
    Application.objects.filter(client_id=information["client_id"]).update(skip_authorization=True)
    return information


def test_client_with_defaults_gets_an_id_token_for_its_code(signed_in):
    information = consenting(registered(signed_in))
    code = query_of(authorize(signed_in, client_id=information["client_id"]))["code"]
    answer = tokens(signed_in, information, code)
    assert claims(answer["id_token"], jwk_from_pem(rsa_pem()))["aud"] == information["client_id"]


def test_client_is_used_after_the_person_consents(signed_in):
    information = registered(signed_in)
    request = {
        "client_id": information["client_id"],
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "allow": "true",
    }
    code = query_of(signed_in.post(AUTHORIZE, request))["code"]
    assert tokens(signed_in, information, code)["id_token"]


@pytest.mark.parametrize("response_type", ["code id_token", "code token", "code id_token token", "code"])
def test_hybrid_client_gets_its_code_and_an_id_token(signed_in, response_type):
    information = consenting(registered(signed_in, response_types=["code", response_type, "code id_token"]))
    response = authorize(signed_in, client_id=information["client_id"], response_type=response_type)
    answer = query_of(response) | fragment_of(response)
    assert ("id_token" in answer) == ("id_token" in response_type)
    assert tokens(signed_in, information, answer["code"])["id_token"]


def test_implicit_client_gets_an_id_token(signed_in):
    information = consenting(registered(signed_in, response_types=["id_token"]))
    response = authorize(signed_in, client_id=information["client_id"], response_type="id_token")
    assert fragment_of(response)["id_token"]


def test_public_client_gets_an_id_token(signed_in):
    information = consenting(registered(signed_in, token_endpoint_auth_method="none"))
    assert "client_secret" not in information
    assert "client_secret_expires_at" not in information
    code = query_of(authorize(signed_in, client_id=information["client_id"]))["code"]
    assert tokens(signed_in, information, code)["id_token"]


@pytest.mark.parametrize("later", [False, True])
def test_hs256_client_verifies_its_id_token_with_its_secret(signed_in, later):
    information = consenting(registered(signed_in, id_token_signed_response_alg="RS256" if later else "HS256"))
    if later:
        information |= put(signed_in, information, id_token_signed_response_alg="HS256").json()
    code = query_of(authorize(signed_in, client_id=information["client_id"]))["code"]
    key = jwk.JWK(kty="oct", k=base64url_encode(information["client_secret"]))
    assert claims(tokens(signed_in, information, code)["id_token"], key)["aud"] == information["client_id"]


def test_client_credentials_need_no_redirect_uri(client):
    information = registered(client, redirect_uris=None, grant_types=["client_credentials"])
    data = {"grant_type": "client_credentials", "scope": "read"}
    data |= {"client_id": information["client_id"], "client_secret": information["client_secret"]}
    assert client.post(reverse("oauth2_provider:token"), data).status_code == 200
