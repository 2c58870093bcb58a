from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oidc_session import consents
from oidc_session.models import Consent
from tests.oidc import AUTHORIZE, authentication_request, authorize, query_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asks_for_consent(application):
    application.skip_authorization = False
    application.save()


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def answer(client, allow=True, **changes):
    data = authentication_request(**changes) | {"csrfmiddlewaretoken": "x"} | ({"allow": "Authorize"} if allow else {})
    return client.post(AUTHORIZE, data)


def give_token(person, application):
    return get_access_token_model().objects.create(
        user=person,
        application=application,
        token="a token",
        scope="openid",
        expires=timezone.now() + timedelta(hours=1),
    )


def test_consent_is_remembered_for_silent_requests(signed_in, alice):
    answer(signed_in)
    get_access_token_model().objects.all().delete()
    assert query_of(authorize(signed_in, prompt="none"))["code"]


def test_consent_outlives_the_logout(signed_in, alice):
    answer(signed_in)
    signed_in.post("/accounts/logout/")
    signed_in.force_login(alice)
    assert query_of(authorize(signed_in, prompt="none"))["code"]


def test_automatic_approval_looks_there(signed_in, provider):
    answer(signed_in)
    assert query_of(authorize(signed_in, approval_prompt="auto"))["code"]
    provider(REQUEST_APPROVAL_PROMPT="auto")
    assert query_of(authorize(signed_in))["code"]


def test_consent_page_is_shown_otherwise(signed_in):
    answer(signed_in)
    assert authorize(signed_in).status_code == 200
    assert authorize(signed_in, approval_prompt="auto", prompt="consent").status_code == 200
    assert authorize(signed_in, approval_prompt="auto", scope="openid read").status_code == 200


def test_refusal_is_not_remembered(signed_in):
    assert query_of(answer(signed_in, allow=False))["error"] == "access_denied"
    assert not Consent.objects.exists()


def test_consent_to_what_is_not_to_be_had_is_not_remembered(signed_in):
    assert query_of(answer(signed_in, scope="openid unknown"))["error"] == "invalid_scope"
    assert not Consent.objects.exists()


def test_plain_oauth_is_left_to_dot(signed_in):
    assert query_of(answer(signed_in, scope="read"))["code"]
    assert not Consent.objects.exists()


def test_nothing_is_remembered_with_the_feature_off(signed_in, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    answer(signed_in)
    assert not Consent.objects.exists()


def test_consents_add_up(alice, application):
    consents.give(alice, application, ["openid", "read"])
    consents.give(alice, application, ["openid", "write"])
    assert consents.covers(alice, application, ["read", "write"])
    assert str(Consent.objects.get()) == "alice - Sample"


def test_consent_of_somebody_else_is_none(alice, bob, application):
    consents.give(bob, application, ["openid"])
    assert not consents.covers(alice, application, ["openid"])


def test_revoked_consent_is_asked_for_though_a_token_lived(signed_in, alice, application):
    answer(signed_in)
    give_token(alice, application)
    Consent.objects.all().delete()
    assert query_of(authorize(signed_in, prompt="none"))["error"] == "consent_required"


def test_expired_consent_is_asked_for_though_a_token_lives(signed_in, alice, application, provider):
    provider(OIDC_CONSENT_EXPIRE_SECONDS=60)
    answer(signed_in)
    give_token(alice, application)
    Consent.objects.update(given_at=timezone.now() - timedelta(seconds=61))
    assert query_of(authorize(signed_in, prompt="none"))["error"] == "consent_required"


def test_consent_can_be_revoked(alice, application):
    consents.give(alice, application, ["openid"])
    Consent.objects.all().delete()
    assert not consents.covers(alice, application, ["openid"])


@pytest.mark.parametrize("enabled", [True, False])
def test_person_who_revokes_a_token_revokes_the_consent(signed_in, alice, application, provider, enabled):
    consents.give(alice, application, ["openid"])
    token = give_token(alice, application)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=enabled)
    signed_in.post(f"/o/authorized_tokens/{token.pk}/delete/")
    assert not get_access_token_model().objects.exists()
    assert Consent.objects.exists() != enabled


def test_consent_expires_where_a_setting_says_so(alice, application, provider):
    provider(OIDC_CONSENT_EXPIRE_SECONDS=60)
    consents.give(alice, application, ["openid", "read"])
    assert consents.covers(alice, application, ["openid"])
    Consent.objects.update(given_at=timezone.now() - timedelta(seconds=61))
    assert not consents.covers(alice, application, ["openid"])
    consents.give(alice, application, ["openid"])
    assert not consents.covers(alice, application, ["read"])
