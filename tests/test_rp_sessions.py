"""What a logout token says is what the ID token said."""

import pytest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.openid import Server

from oidc_session import backchannel, outbox, rp_sessions, sessions
from oidc_session.models import ClientLogoutSettings, EndReason, LogoutNotice, OPSession, RPSession
from oidc_session.validators import SessionOAuth2Validator
from oidc_session.views import AuthorizationView, TokenView
from tests.databases import captured_queries
from tests.oidc import authorize, fragment_of
from tests.receivers import Answers, receiver
from tests.swappable import Application
from tests.test_credential_validator import claims_of, refresh, tokens, use_flow

pytestmark = pytest.mark.django_db


class PairwiseValidator(SessionOAuth2Validator):
    def get_additional_claims(self, request):
        return {"sub": f"{request.user.username} at {request.client.client_id}"}


@pytest.fixture
def signed_in(client, alice, application, provider):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"],
        OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["http"],
    )
    client.force_login(alice)
    return client


@pytest.fixture
def pairwise(monkeypatch):
    for view in (AuthorizationView, TokenView):
        monkeypatch.setattr(view, "_oauthlib_core", OAuthLibCore(Server(PairwiseValidator())), raising=False)


def logout_claims(application):
    """End the session, and return what the application is told."""
    with receiver(Answers(200)) as rp:
        ClientLogoutSettings.objects.create(application=application, backchannel_logout_uri=rp.url)
        sessions.end(OPSession.objects.live().get(), EndReason.ADMIN)
        (notice,) = outbox.claim([LogoutNotice.objects.get().pk])
        assert backchannel.attempt(notice)
    return claims_of(rp.requests[0].fields["logout_token"])


def same_as(id_token):
    claims = claims_of(id_token)
    return {name: claims[name] for name in ("iss", "sub", "sid", "aud")}


def told(claims):
    return {name: claims.get(name) for name in ("iss", "sub", "sid", "aud")}


def test_logout_token_names_the_session_as_the_id_token_did(signed_in, application):
    id_token = tokens(signed_in)["id_token"]
    assert told(logout_claims(application)) == same_as(id_token)


def test_so_it_does_with_a_subject_of_the_projects_own(signed_in, application, pairwise):
    id_token = tokens(signed_in)["id_token"]
    assert claims_of(id_token)["sub"] == "alice at sample rp"
    assert told(logout_claims(application)) == same_as(id_token)


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_so_it_does_after_an_implicit_flow(signed_in, application, pairwise, response_type):
    use_flow(application, Application.GRANT_IMPLICIT)
    for _ in range(2):
        id_token = fragment_of(authorize(signed_in, response_type=response_type))["id_token"]
    assert told(logout_claims(application)) == same_as(id_token)


@pytest.mark.parametrize("response_type", ["id_token", "code id_token"])
def test_session_that_ends_meanwhile_gets_no_id_token_that_nobody_tells_of(
    signed_in, application, monkeypatch, response_type
):
    use_flow(
        application, Application.GRANT_IMPLICIT if response_type == "id_token" else Application.GRANT_OPENID_HYBRID
    )
    join = rp_sessions.join

    def join_and_end(session, *arguments):
        joined = join(session, *arguments)
        sessions.end(session, EndReason.ADMIN)
        return joined

    monkeypatch.setattr(rp_sessions, "join", join_and_end)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert answer["error"] == "login_required"
    assert "id_token" not in answer


def test_so_it_does_where_the_issuer_depends_on_the_host(signed_in, application, settings):
    signed_in.defaults["HTTP_HOST"] = "op.example"
    id_token = tokens(signed_in)["id_token"]
    del signed_in.defaults["HTTP_HOST"]
    assert claims_of(id_token)["iss"] == "http://op.example/o"
    assert told(logout_claims(application)) == same_as(id_token)


def test_application_that_never_asked_for_its_id_token_is_told_the_session_alone(signed_in, application):
    authorize(signed_in)
    joined = RPSession.objects.get()
    assert told(logout_claims(application)) == {
        "iss": "http://testserver/o",
        "sub": None,
        "sid": joined.sid,
        "aud": "sample rp",
    }


def test_subject_is_written_once(signed_in, application):
    first = tokens(signed_in)
    with captured_queries() as queries:
        refresh(signed_in, first)
    assert not [query for query in queries if query.startswith('UPDATE "oidc_session_rpsession"')]


def test_application_leaves_no_session_that_has_ended(signed_in, application):
    authorize(signed_in)
    joined = RPSession.objects.get()
    sessions.end(OPSession.objects.get(), EndReason.ADMIN, tell=lambda keys: None)
    before = LogoutNotice.objects.count()
    assert not rp_sessions.end(joined)
    assert LogoutNotice.objects.count() == before
