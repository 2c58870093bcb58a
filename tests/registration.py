"""A client's view of dynamic client registration."""

import json

from django.urls import reverse

from tests.oidc import REDIRECT_URI
from tests.swappable import Application

LOGGED_OUT = "https://rp.example/logged-out"
"""Where clients send people after a logout."""

ASKED = {
    "client_name": "Größe 🚲",
    "redirect_uris": [REDIRECT_URI, "my.app:/callback"],
    "post_logout_redirect_uris": [LOGGED_OUT, "my.app:/logged-out"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "application_type": "native",
    "token_endpoint_auth_method": "client_secret_post",
    "id_token_signed_response_alg": "HS256",
    "subject_type": "public",
    "require_auth_time": True,
    "scope": "openid read",
}


def metadata(**changes):
    return {"redirect_uris": [REDIRECT_URI]} | changes


def post(client, body):
    return client.post(reverse("oauth2_provider:dcr-register"), body, content_type="application/json")


def register(client, **changes):
    return post(client, metadata(**changes))


def registered(client, **changes):
    response = register(client, **changes)
    assert response.status_code == 201, response.content
    return response.json()


def manage(client, method, information, body=None, token=None):
    return client.generic(
        method,
        information["registration_client_uri"],
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {token or information['registration_access_token']}"},
    )


def put(client, information, **changes):
    return manage(client, "PUT", information, metadata(**changes))


def get(client, information):
    return manage(client, "GET", information).json()


def application_of(information):
    return Application.objects.get(client_id=information["client_id"])


def fields_of(information):
    return Application.objects.filter(client_id=information["client_id"]).values().get()


def description(response):
    assert response.status_code == 400, response.content
    assert response.json()["error"] == "invalid_client_metadata"
    return response.json()["error_description"]
