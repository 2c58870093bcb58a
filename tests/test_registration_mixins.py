import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider import views as dots_views
from oauth2_provider.models import AccessToken

from oidc_session import registration_mixins, views
from oidc_session.registration_mixins import exchange
from tests.databases import undone
from tests.registration import (
    ASKED,
    application_of,
    description,
    fields_of,
    get,
    manage,
    metadata,
    post,
    put,
    register,
    registered,
)
from tests.swappable import Application

pytestmark = pytest.mark.django_db


class ReadsTheRequest:
    def has_permission(self, request):
        return json.loads(request.body).get("software_statement") == "a.b.c"


class AlwaysTheSame:
    def hash(self):
        return "always-the-same"


def test_permission_comes_before_any_other_answer(client, provider):
    provider(DCR_REGISTRATION_PERMISSION_CLASSES=None)
    for response in (register(client), register(client, grant_types=5), post(client, b"{")):
        assert response.status_code == 401
        assert response.json()["error"] == "access_denied"


def test_permission_class_finds_the_strings_of_the_request(client, provider):
    provider(DCR_REGISTRATION_PERMISSION_CLASSES=(f"{__name__}.ReadsTheRequest",))
    assert register(client).status_code == 401
    assert register(client, software_statement="a.b.c").status_code == 201


def test_signed_in_person_owns_the_client(client, alice):
    client.force_login(alice)
    assert application_of(registered(client)).user == alice


def test_no_csrf_token_is_asked_of_clients(db):
    assert register(Client(enforce_csrf_checks=True)).status_code == 201


def test_person_who_registers_a_client_needs_a_csrf_token(alice, provider):
    provider(DCR_REGISTRATION_PERMISSION_CLASSES=None)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert register(client).status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("body", [metadata(), {"grant_types": 5}, None])
def test_nobody_manages_a_client_without_its_token(client, method, body):
    information = registered(client)
    before = fields_of(information)
    response = manage(client, method, information, body, token="wrong")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert fields_of(information) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_token_of_one_client_does_not_manage_another(client, method):
    mine, theirs = registered(client), registered(client)
    response = manage(client, method, theirs, metadata(), token=mine["registration_access_token"])
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert application_of(theirs)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_client_made_by_hand_is_not_managed(client, application, method):
    AccessToken.objects.create(
        application=application,
        token="registration",
        expires=timezone.now() + timedelta(hours=1),
        scope="oauth2_provider:registration",
    )
    url = reverse("oauth2_provider:dcr-register-management", args=[application.client_id])
    response = manage(client, method, {"registration_client_uri": url}, metadata(), token="registration")
    assert response.status_code == 401
    assert fields_of({"client_id": application.client_id})["redirect_uris"] == application.redirect_uris


def test_deleted_client_is_gone(client):
    information = registered(client)
    assert manage(client, "DELETE", information).status_code == 204
    assert manage(client, "GET", information).status_code == 401


def test_client_deleted_meanwhile_is_not_brought_back(client, monkeypatch):
    information = registered(client)

    def exchange_after_deletion(*args):
        Application.objects.all().delete()
        return exchange(*args)

    monkeypatch.setattr(registration_mixins, "exchange", exchange_after_deletion)
    assert put(client, information).status_code == 401
    assert not Application.objects.exists()


def test_update_replaces_everything(client):
    information = registered(client, **ASKED)
    answer = put(client, information, response_types=["id_token"], token_endpoint_auth_method="none").json()
    fields = fields_of(information)
    assert fields["name"] == fields["post_logout_redirect_uris"] == ""
    assert fields["algorithm"] == "RS256"
    assert fields["client_type"] == "public"
    assert fields["authorization_grant_type"] == "implicit"
    assert answer.keys().isdisjoint({"client_name", "post_logout_redirect_uris", "scope", "client_secret"})


@pytest.mark.parametrize(
    "asked",
    [
        {"redirect_uris": ["javascript:alert(1)"]},
        {"post_logout_redirect_uris": ["https://rp.example/#fragment"]},
        {"client_name": "n" * 256},
        {"response_types": ["code", "token"]},
        {"client_id": "another"},
        {"client_secret": "another"},
    ],
)
def test_refused_update_changes_nothing(client, asked):
    information = registered(client, **ASKED)
    before = fields_of(information)
    description(put(client, information, **{"client_name": "New"} | asked))
    assert fields_of(information) == before
    assert get(client, information)["client_name"] == ASKED["client_name"]  # The token has not been rotated either.


def test_refused_registration_leaves_no_token(client):
    description(register(client, post_logout_redirect_uris=["data:text/html,hello"]))
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("algorithm", ["RS256", "HS256"])
def test_update_may_repeat_the_identifier_and_the_secret(client, algorithm):
    information = registered(client, id_token_signed_response_alg=algorithm)
    repeated = {name: information[name] for name in ("client_id", "client_secret")}
    response = put(client, information, id_token_signed_response_alg=algorithm, **repeated)
    assert response.status_code == 200
    assert "client_secret" not in response.json()


def test_update_to_hs256_issues_a_secret_that_can_sign(client):
    information = registered(client)
    answer = put(client, information, id_token_signed_response_alg="HS256").json()
    assert answer["client_secret"] not in ("", information["client_secret"])
    assert answer["client_secret_expires_at"] == 0
    assert application_of(information).client_secret == answer["client_secret"]


def test_update_of_a_public_client_to_a_confidential_one_issues_a_secret(client):
    information = registered(client, token_endpoint_auth_method="none")
    answer = put(client, information).json()
    assert put(client, answer, client_secret=answer["client_secret"]).status_code == 200


def test_secret_is_hashed_unless_it_signs(client):
    information = registered(client, id_token_signed_response_alg="HS256")
    answer = put(client, information).json()
    assert "client_secret" not in answer
    assert application_of(information).client_secret != information["client_secret"]
    assert put(client, answer, client_secret=information["client_secret"]).status_code == 200


def test_registration_token_is_in_no_refusal(client):
    information = registered(client)
    response = put(client, information, grant_types=["refresh_token"])
    assert information["registration_access_token"] not in description(response)


@pytest.mark.parametrize(
    "body", [metadata(**ASKED), metadata(response_types=["code id_token"]), metadata(grant_types=[]), [], None]
)
def test_registration_is_dots_with_the_feature_off(alice, provider, rf, body):
    provider(
        OIDC_SESSION_MANAGEMENT_ENABLED=False,
        CLIENT_ID_GENERATOR_CLASS=f"{__name__}.AlwaysTheSame",
        CLIENT_SECRET_GENERATOR_CLASS=f"{__name__}.AlwaysTheSame",
    )
    answers = []
    for view in (views.DynamicClientRegistrationView, dots_views.DynamicClientRegistrationView):
        request = rf.post("/o/register/", json.dumps(body), content_type="application/json")
        request.user = alice
        answers.append(view.as_view()(request).serialize())
        Application.objects.all().delete()
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("method", "body"), [("get", ""), ("put", metadata(**ASKED)), ("put", []), ("delete", "")])
def test_management_is_dots_with_the_feature_off(client, provider, rf, method, body):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False, DCR_ROTATE_REGISTRATION_TOKEN_ON_UPDATE=False)
    information = registered(client)
    client_id, token = information["client_id"], information["registration_access_token"]
    answers = []
    for view in (
        views.DynamicClientRegistrationManagementView,
        dots_views.DynamicClientRegistrationManagementView,
    ):
        with undone():
            request = rf.generic(method, "/o/register/", json.dumps(body), headers={"Authorization": f"Bearer {token}"})
            answers.append(view.as_view()(request, client_id=client_id).serialize())
    assert answers[0] == answers[1]
