"""DOT's own flows through the URLs of oidc_session, with the feature on."""

import base64
import hashlib
import json
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from jwcrypto import jwt
from oauth2_provider.models import AccessToken, DeviceGrant, RefreshToken
from oauth2_provider.utils import jwk_from_pem

from tests.keys import rsa_pem
from tests.oidc import REDIRECT_URI, authorize, fragment_of, query_of
from tests.swappable import Application

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = "a verifier of the length that the specification wants: 43"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
CREDENTIALS = {"client_id": "sample rp", "client_secret": "demo-secret"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def use_flow(application, grant_type):
    application.authorization_grant_type = grant_type
    application.save()


def token(client, **parameters):
    return client.post("/o/token/", CREDENTIALS | parameters)


def start_device(client, client_id):
    """As a device does it: this endpoint takes no multipart form, which is Django's test client's default."""
    return client.post(
        "/o/device-authorization/",
        urlencode({"client_id": client_id, "scope": "openid"}),
        content_type="application/x-www-form-urlencoded",
    ).json()


def redeem(client, code, **parameters):
    return token(client, grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, **parameters)


def claims_of(id_token):
    return json.loads(jwt.JWT(jwt=id_token, key=jwk_from_pem(rsa_pem()), algs=["RS256"]).claims)


@pytest.fixture
def tokens(signed_in, application):
    return redeem(signed_in, query_of(authorize(signed_in))["code"]).json()


def test_code_flow(tokens, alice):
    claims = claims_of(tokens["id_token"])
    assert (claims["sub"], claims["aud"], claims["nonce"]) == (str(alice.pk), "sample rp", "a nonce")


def test_code_flow_with_pkce(signed_in, application):
    answer = query_of(authorize(signed_in, code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert redeem(signed_in, answer["code"]).json()["error"] == "invalid_request"
    assert "id_token" in redeem(signed_in, answer["code"], code_verifier=VERIFIER).json()


def test_code_flow_without_openid(signed_in, application):
    code = query_of(authorize(signed_in, scope="read"))["code"]
    assert "id_token" not in redeem(signed_in, code).json()


def test_refresh(client, tokens):
    answer = token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.json()["access_token"] != tokens["access_token"]


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_implicit_flow(signed_in, application, response_type):
    use_flow(application, Application.GRANT_IMPLICIT)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert claims_of(answer["id_token"])["nonce"] == "a nonce"
    assert ("access_token" in answer) == ("token" in response_type.split())


@pytest.mark.parametrize("response_type", ["code id_token", "code token", "code id_token token"])
def test_hybrid_flow(signed_in, application, response_type):
    use_flow(application, Application.GRANT_OPENID_HYBRID)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert "id_token" in redeem(signed_in, answer["code"]).json()


def test_client_credentials(client, application):
    use_flow(application, Application.GRANT_CLIENT_CREDENTIALS)
    assert token(client, grant_type="client_credentials", scope="read").json()["access_token"]


def test_password_flow(client, application, alice):
    use_flow(application, Application.GRANT_PASSWORD)
    answer = token(client, grant_type="password", username="alice", password="demo-pass", scope="read")
    assert answer.json()["access_token"]


def test_device_flow(client, application, alice, provider):
    provider(OAUTH_DEVICE_VERIFICATION_URI="https://op.example/o/device/")
    application.client_type = Application.CLIENT_PUBLIC
    use_flow(application, DEVICE_CODE)
    device = start_device(client, "sample rp")
    DeviceGrant.objects.update(user=alice, status=DeviceGrant.AUTHORIZED)
    answer = client.post(
        "/o/token/",
        {"grant_type": DEVICE_CODE, "device_code": device["device_code"], "client_id": "sample rp"},
    )
    assert answer.json()["access_token"]


def test_device_page_takes_the_user_code(signed_in, application, client_factory, provider):
    provider(OAUTH_DEVICE_VERIFICATION_URI="https://op.example/o/device/")
    application.client_id = "device"
    application.client_type = Application.CLIENT_PUBLIC
    use_flow(application, DEVICE_CODE)
    device = start_device(client_factory(), "device")
    confirm = signed_in.post("/o/device/", {"user_code": device["user_code"]})
    status = signed_in.post(confirm["Location"], {"action": "accept"})
    assert signed_in.get(status["Location"]).status_code == 200
    assert DeviceGrant.objects.get().status == DeviceGrant.AUTHORIZED


def test_userinfo(client, tokens, alice):
    answer = client.get("/o/userinfo/", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.json() == {"sub": str(alice.pk)}


def test_introspection(client, tokens, application):
    answer = client.post("/o/introspect/", CREDENTIALS | {"token": tokens["access_token"]})
    assert answer.json()["active"] is True


def test_revocation(client, tokens):
    assert client.post("/o/revoke_token/", CREDENTIALS | {"token": tokens["refresh_token"]}).status_code == 200
    assert not AccessToken.objects.exists()
    assert RefreshToken.objects.get().revoked


def test_keys(client):
    [key] = client.get("/o/.well-known/jwks.json").json()["keys"]
    assert key["kid"] == jwk_from_pem(rsa_pem()).thumbprint()


def test_rp_initiated_logout(signed_in, tokens, application, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=True, OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False)
    application.post_logout_redirect_uris = "https://rp.example/"
    application.save()
    parameters = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": "https://rp.example/",
        "state": "a state",
    }
    response = signed_in.get("/o/logout/", parameters)
    assert response["Location"].startswith("https://rp.example/?state=")
    assert query_of(response) == {"state": "a state"}
    assert "_auth_user_id" not in signed_in.session


def test_application_pages(signed_in, application, alice):
    application.user = alice
    application.save()
    assert b"Sample" in signed_in.get("/o/applications/").content
    assert signed_in.get(f"/o/applications/{application.pk}/update/").status_code == 200


def test_hashed_secret_is_needed(client, application):
    application.client_secret = make_password("another")
    application.save()
    assert token(client, grant_type="client_credentials").status_code == 401
