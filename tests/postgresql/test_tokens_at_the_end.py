"""A token request during which its session ends elsewhere."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from oidc_session import credential_validator, sessions
from oidc_session.models import EndReason, OPSession
from tests.oidc import authorize, query_of
from tests.postgresql.conftest import wait_until_waiting
from tests.test_credential_validator import redeem, refresh, tokens

pytestmark = pytest.mark.django_db(transaction=True)


def end_all():
    try:
        return [sessions.end(session, EndReason.ADMIN) for session in OPSession.objects.live()]
    finally:
        connections.close_all()


@pytest.mark.parametrize("what", ["refresh", "code"])
def test_end_waits_for_the_tokens_and_revokes_them(client, alice, application, monkeypatch, what):
    client.force_login(alice)
    found, code = tokens(client), query_of(authorize(client))["code"]
    is_good = credential_validator.CredentialValidatorMixin._is_good
    ending = []

    def end_meanwhile(self, *args):
        good = is_good(self, *args)
        ending.append(pool.submit(end_all))
        wait_until_waiting(1, "default")
        return good

    monkeypatch.setattr(credential_validator.CredentialValidatorMixin, "_is_good", end_meanwhile)
    with ThreadPoolExecutor(1) as pool:
        answer = refresh(client, found) if what == "refresh" else redeem(client, code)
    assert answer.status_code == 200
    assert ending[0].result() == [True]
    assert not get_access_token_model().objects.exists()
    assert not get_refresh_token_model().objects.filter(revoked=None).exists()
