import pytest
from jwcrypto import jwt
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.utils import jwk_from_pem
from oauthlib.common import Request
from oauthlib.openid import Server

from oidc_session.validators import SessionOAuth2Validator
from oidc_session.views import AuthorizationView
from tests.keys import rsa_pem
from tests.oidc import AUTHORIZE, authentication_request, authorize, fragment_of, query_of
from tests.swappable import Application

pytestmark = pytest.mark.django_db


class EmailSubjectValidator(SessionOAuth2Validator):
    def get_additional_claims(self, request):
        return {"sub": f"{request.user.username}@op.example"}


def id_token_hint(sub, iss="http://testserver/o"):
    key = jwk_from_pem(rsa_pem())
    token = jwt.JWT(header={"alg": "RS256", "kid": key.thumbprint()}, claims={"iss": iss, "sub": sub, "exp": 1})
    token.make_signed_token(key)
    return token.serialize()


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def test_hint_for_the_person_who_is_signed_in_is_answered(signed_in, alice, application):
    hint = id_token_hint(str(alice.pk))
    assert query_of(authorize(signed_in, prompt="none", id_token_hint=hint))["code"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_hint_for_another_person_gives_login_required(signed_in, bob, application, method):
    data = authentication_request(prompt="none", id_token_hint=id_token_hint(str(bob.pk)))
    answer = query_of(getattr(signed_in, method)(AUTHORIZE, data))
    assert answer["error"] == "login_required"
    assert {"state", "session_state"} <= answer.keys()


def test_hint_that_is_not_ours_gives_login_required(signed_in, alice, application):
    for hint in ("nonsense", id_token_hint(str(alice.pk), iss="https://other.example")):
        answer = query_of(authorize(signed_in, prompt="none", id_token_hint=hint))
        assert answer["error"] == "login_required"


def test_hint_is_compared_with_the_sub_that_the_project_gives(signed_in, application, monkeypatch):
    core = OAuthLibCore(Server(EmailSubjectValidator()))
    monkeypatch.setattr(AuthorizationView, "_oauthlib_core", core, raising=False)
    hint = id_token_hint("alice@op.example")
    assert query_of(authorize(signed_in, prompt="none", id_token_hint=hint))["code"]


def test_hint_of_a_request_that_may_ask_is_left_to_dot(signed_in, bob, application):
    assert query_of(authorize(signed_in, id_token_hint=id_token_hint(str(bob.pk))))["code"]


@pytest.mark.parametrize("response_type", ["code", "code id_token"])
def test_hybrid_client_may_use_the_code_flow_too(signed_in, application, response_type):
    application.authorization_grant_type = Application.GRANT_OPENID_HYBRID
    application.save()
    response = authorize(signed_in, response_type=response_type)
    assert (query_of(response) | fragment_of(response))["code"]


def test_code_client_may_not_use_the_hybrid_flow(signed_in, application):
    response = authorize(signed_in, response_type="code id_token")
    assert fragment_of(response)["error"] == "unauthorized_client"


def test_validator_is_dots_with_the_feature_off(provider, rf):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    validator = SessionOAuth2Validator()
    for method in (validator.validate_silent_login, validator.validate_silent_authorization):
        with pytest.raises(NotImplementedError):
            method(None)


def test_silent_login_needs_our_view(application):
    assert not SessionOAuth2Validator().validate_silent_login(Request("https://op.example/"))
