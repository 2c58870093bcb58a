import pytest
from django.urls import reverse

from oidc_session.models import Consent
from tests.administration import CONSENTS, act, found, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return superuser()


@pytest.fixture
def consent(alice, application):
    return Consent.objects.create(user=alice, application=application, scope="openid")


def test_consent_is_revoked_by_deleting_it(administrator, consent):
    assert b"openid" in administrator.get(reverse(CONSENTS)).content
    act(administrator, CONSENTS, "delete_selected", consent, post="yes")
    assert not Consent.objects.exists()


def test_consents_are_found_by_person_and_by_application(administrator, consent):
    assert found(administrator, CONSENTS) == found(administrator, CONSENTS, q="alice") == [consent.pk]
    assert found(administrator, CONSENTS, q="bob") == []
    assert found(administrator, CONSENTS, application="sample rp") == [consent.pk]
    assert found(administrator, CONSENTS, application="another") == []
