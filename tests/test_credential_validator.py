"""The session behind codes and tokens, as clients see it."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from jwcrypto import jwt
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_refresh_token_model,
)
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.utils import jwk_from_pem

from oidc_session import codes, credentials, rp_sessions, sessions
from oidc_session.credentials import DEVICE_GRANT
from oidc_session.models import Credential, EndReason, OPSession, RPSession
from tests.databases import captured_queries
from tests.keys import rsa_pem
from tests.oidc import REDIRECT_URI, authorize, fragment_of, query_of

CREDENTIALS = {"client_id": "sample rp", "client_secret": "demo-secret"}
Application = get_application_model()

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def offline_scope(provider, settings):
    provider(SCOPES=settings.OAUTH2_PROVIDER["SCOPES"] | {"offline_access": "Stay connected"})


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def token(client, **parameters):
    return client.post("/o/token/", CREDENTIALS | parameters)


def redeem(client, code):
    return token(client, grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI)


def tokens(client, **changes):
    return redeem(client, query_of(authorize(client, **changes))["code"]).json()


def refresh(client, found):
    return token(client, grant_type="refresh_token", refresh_token=found["refresh_token"])


def forget_ties():
    """Make all that was handed out older than this app."""
    Credential.objects.all().delete()
    get_grant_model().objects.update(claims="{}")


def claims_of(id_token):
    return json.loads(jwt.JWT(jwt=id_token, key=jwk_from_pem(rsa_pem()), algs=["RS256"]).claims)


def session_claims(id_token):
    claims = claims_of(id_token)
    return claims["sid"], claims["auth_time"]


def expected():
    rp_session = RPSession.objects.get()
    return rp_session.sid, int(rp_session.op_session.auth_time.timestamp())


def end():
    sessions.end(OPSession.objects.live().get(), EndReason.ADMIN)


def use_flow(application, grant_type):
    application.authorization_grant_type = grant_type
    application.save()


# sid and auth_time


def test_code_flow(signed_in, application):
    assert session_claims(tokens(signed_in)["id_token"]) == expected()


@pytest.mark.parametrize("response_type", ["id_token", "id_token token"])
def test_implicit_flow(signed_in, application, response_type):
    use_flow(application, Application.GRANT_IMPLICIT)
    answer = fragment_of(authorize(signed_in, response_type=response_type))
    assert session_claims(answer["id_token"]) == expected()


def test_hybrid_flow(signed_in, application):
    use_flow(application, Application.GRANT_OPENID_HYBRID)
    answer = fragment_of(authorize(signed_in, response_type="code id_token"))
    assert session_claims(answer["id_token"]) == expected()
    assert session_claims(redeem(signed_in, answer["code"]).json()["id_token"]) == expected()


def test_refresh_keeps_both(signed_in, application, alice):
    first = tokens(signed_in)
    alice.last_login = timezone.now() + timedelta(hours=1)
    alice.save()
    second = refresh(signed_in, first).json()
    third = refresh(signed_in, second).json()
    assert session_claims(second["id_token"]) == session_claims(third["id_token"]) == expected()


def test_two_applications_have_different_sids(signed_in, application):
    first = session_claims(tokens(signed_in)["id_token"])[0]
    RPSession.objects.all().delete()
    assert session_claims(tokens(signed_in)["id_token"])[0] != first


def test_auth_time_is_the_sessions_own(signed_in, client_factory, application, alice):
    before = claims_of(tokens(signed_in)["id_token"])["auth_time"]
    OPSession.objects.update(auth_time=timezone.now() - timedelta(hours=1))
    client_factory().force_login(alice)
    assert before - claims_of(tokens(signed_in)["id_token"])["auth_time"] == pytest.approx(3600, abs=5)


def test_refresh_keeps_the_auth_time_of_then(signed_in, application, alice):
    found = tokens(signed_in)
    before = claims_of(found["id_token"])["auth_time"]
    OPSession.objects.update(auth_time=timezone.now() + timedelta(hours=1))
    second = refresh(signed_in, found).json()
    assert claims_of(second["id_token"])["auth_time"] == before
    assert claims_of(refresh(signed_in, second).json()["id_token"])["auth_time"] == before


def test_plain_oauth_joins_nothing(signed_in, application):
    assert "id_token" not in tokens(signed_in, scope="read")
    assert not RPSession.objects.exists()


def test_parameter_of_the_name_is_not_taken_for_the_session(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    answer = token(
        signed_in, grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, rp_session="forged"
    )
    assert session_claims(answer.json()["id_token"]) == expected()


# After the end


def test_code_is_refused(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    end()
    assert redeem(signed_in, code).json()["error"] == "invalid_grant"


def test_code_is_refused_when_the_session_is_deleted(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    OPSession.objects.all().delete()
    assert redeem(signed_in, code).json()["error"] == "invalid_grant"


def test_code_whose_session_ended_unseen_is_refused(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    OPSession.objects.update(ended_at=timezone.now())
    assert redeem(signed_in, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("tied", [True, False])
def test_person_made_inactive_unseen_gets_nothing(signed_in, application, alice, tied):
    code, found = query_of(authorize(signed_in))["code"], tokens(signed_in)
    if not tied:
        forget_ties()
    type(alice).objects.update(is_active=False)
    assert redeem(signed_in, code).json()["error"] == "invalid_grant"
    assert refresh(signed_in, found).json()["error"] == "invalid_grant"


def test_wrong_code_is_refused(signed_in, application):
    assert redeem(signed_in, "wrong").json()["error"] == "invalid_grant"


def test_refresh_is_refused(signed_in, application):
    found = tokens(signed_in)
    end()
    assert refresh(signed_in, found).json()["error"] == "invalid_grant"


def test_rotated_refresh_token_is_refused(signed_in, application):
    found = refresh(signed_in, tokens(signed_in)).json()
    end()
    assert refresh(signed_in, found).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
def test_access_token_is_worth_nothing(signed_in, application, scope):
    found = tokens(signed_in, scope=scope)
    end()
    assert signed_in.post("/o/introspect/", CREDENTIALS | {"token": found["access_token"]}).json() == {"active": False}
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert signed_in.get("/o/userinfo/", headers=headers).status_code == 401


def test_tokens_of_the_front_channel_are_revoked(signed_in, application):
    use_flow(application, Application.GRANT_IMPLICIT)
    answer = fragment_of(authorize(signed_in, response_type="id_token token"))
    end()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert signed_in.get("/o/userinfo/", headers=headers).status_code == 401


def test_offline_access_lives_on_and_keeps_its_sid(signed_in, application):
    found = tokens(signed_in, scope="openid offline_access")
    claims = expected()
    end()
    second = refresh(signed_in, found).json()
    assert session_claims(second["id_token"]) == claims
    assert session_claims(refresh(signed_in, second).json()["id_token"]) == claims


def test_other_browsers_keep_their_tokens(signed_in, client_factory, application, alice):
    other = client_factory()
    other.force_login(alice)
    found = tokens(other)
    tokens(signed_in)
    signed_in.post("/accounts/logout/")
    assert "id_token" in refresh(other, found).json()


def test_tokens_from_before_this_app_work_on(signed_in, application):
    found = tokens(signed_in)
    forget_ties()
    answer = refresh(signed_in, found).json()
    assert "sid" not in claims_of(answer["id_token"])


def test_code_from_before_this_app_works_on(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    forget_ties()
    assert "sid" not in claims_of(redeem(signed_in, code).json()["id_token"])


def test_claims_that_a_client_asks_for_come_through(signed_in, application, provider, monkeypatch):
    seen = []
    monkeypatch.setattr(
        OAuth2Validator, "get_additional_claims", lambda self, request: seen.append(request.claims) or {}
    )
    asked = {"userinfo": {"email": None}, "oidc_session": {"sid": "another"}, "claims": []}
    assert "sid" in claims_of(tokens(signed_in, claims=json.dumps(asked))["id_token"])
    assert "sid" in claims_of(tokens(signed_in)["id_token"])
    assert seen == [asked, {}]


@pytest.mark.parametrize("tie", ["forged", "another:signature", {"sid": "another"}, ["another"], None, 1])
def test_client_writes_no_tie(signed_in, application, tie):
    code = query_of(authorize(signed_in))["code"]
    asked = {"oidc_session": tie, "claims": {}}
    get_grant_model().objects.update(claims=json.dumps(asked))  # As DOT itself keeps what a client asked for.
    assert "sid" not in claims_of(redeem(signed_in, code).json()["id_token"])


def test_code_is_refused_once_its_application_was_left_and_joined_again(signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    rp_sessions.end(RPSession.objects.get())
    other = query_of(authorize(signed_in))["code"]
    assert redeem(signed_in, code).json()["error"] == "invalid_grant"
    assert "sid" in claims_of(redeem(signed_in, other).json()["id_token"])


def test_nothing_is_tied_with_the_feature_off(signed_in, application, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert "sid" not in claims_of(tokens(signed_in)["id_token"])
    code = query_of(authorize(signed_in))["code"]
    assert not Credential.objects.exists()
    assert get_grant_model().objects.get(code=code).claims == "{}"


def test_refresh_token_that_slipped_through_the_end_is_refused(signed_in, application):
    found = tokens(signed_in)
    OPSession.objects.update(ended_at=timezone.now())
    assert refresh(signed_in, found).json()["error"] == "invalid_grant"


# Devices


@pytest.fixture
def device(signed_in, client_factory, application, provider):
    """Return the device code of a device that was approved in the browser."""
    provider(OAUTH_DEVICE_VERIFICATION_URI="https://op.example/o/device/")
    application.client_id = "device"
    application.client_type = Application.CLIENT_PUBLIC
    use_flow(application, DEVICE_GRANT)
    started = (
        client_factory()
        .post(
            "/o/device-authorization/",
            urlencode({"client_id": "device", "scope": "openid"}),
            content_type="application/x-www-form-urlencoded",
        )
        .json()
    )
    confirm = signed_in.post("/o/device/", {"user_code": started["user_code"]})
    return confirm["Location"], started["device_code"]


def poll(client, device_code):
    data = {"grant_type": DEVICE_GRANT, "client_id": "device", "device_code": device_code}
    return client.post("/o/token/", data)


def test_device_belongs_to_the_session_of_the_browser_that_approved(signed_in, client_factory, device):
    page, code = device
    signed_in.post(page, {"action": "accept"})
    found = poll(client_factory(), code).json()
    end()
    answer = client_factory().post(
        "/o/token/",
        {"grant_type": "refresh_token", "client_id": "device", "refresh_token": found["refresh_token"]},
    )
    assert answer.json()["error"] == "invalid_grant"


def test_device_gets_nothing_once_the_session_has_ended(signed_in, client_factory, device):
    page, code = device
    signed_in.post(page, {"action": "accept"})
    end()
    assert poll(client_factory(), code).json()["error"] == "access_denied"


def test_device_whose_session_ends_unseen_gets_nothing(signed_in, client_factory, device):
    page, code = device
    signed_in.post(page, {"action": "accept"})
    OPSession.objects.update(ended_at=timezone.now())
    assert poll(client_factory(), code).json()["error"] == "invalid_grant"


def test_device_is_not_approved_in_an_ended_session(signed_in, client_factory, device):
    page, code = device
    OPSession.objects.update(ended_at=timezone.now())
    assert signed_in.post(page, {"action": "accept"})["Location"].startswith("/accounts/login/")
    assert poll(client_factory(), code).json()["error"] == "authorization_pending"


def test_device_that_is_denied_joins_nothing(signed_in, device):
    signed_in.post(device[0], {"action": "deny"})
    assert not RPSession.objects.exists()


def test_device_is_left_to_dot_with_the_feature_off(signed_in, client_factory, device, provider):
    page, code = device
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    signed_in.post(page, {"action": "accept"})
    assert poll(client_factory(), code).json()["access_token"]
    assert not RPSession.objects.exists()


# Cost


def count(callable_, *args, **kwargs):
    with captured_queries() as queries:
        callable_(*args, **kwargs)
    return len(queries)


def test_authorization_adds_two_queries_at_first_and_none_after(signed_in, application, provider):
    first, second = (count(authorize, signed_in) for _ in range(2))
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    plain = count(authorize, signed_in)
    assert (first - plain, second - plain) == (2, 0)


def test_refresh_adds_one_query(signed_in, application, provider):
    found = tokens(signed_in)
    ours = count(refresh, signed_in, found)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert ours - count(refresh, signed_in, tokens(signed_in)) == 1


def test_end_costs_the_same_for_one_token_and_for_many(signed_in, application, alice):
    tokens(signed_in)
    few = count(end)
    signed_in.force_login(alice)
    for number in range(10):
        application.pk = None
        application.client_id = f"rp {number}"
        application.save()
        authorize(signed_in, client_id=application.client_id)
    application.client_id = "sample rp"
    for _ in range(20):
        tokens(signed_in)
    assert get_access_token_model().objects.count() >= 20
    assert count(end) == few


@pytest.mark.django_db(transaction=True)
def test_authorization_adds_no_more_outside_of_a_transaction(signed_in, application, provider):
    first, second = (count(authorize, signed_in) for _ in range(2))
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    plain = count(authorize, signed_in)
    assert first - plain <= 2
    assert second - plain == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_handed_out_is_found_outside_of_a_transaction_too(signed_in, application):
    found = tokens(signed_in)
    tie = codes.Tie(RPSession.objects.get().sid, timezone.now())
    assert codes.find(tie, application).is_good
    family = get_refresh_token_model().objects.get().token_family
    assert credentials.find(family, Credential.Kind.TOKEN_FAMILY).rp_session.sid == session_claims(found["id_token"])[0]
