"""Two logins of one person at the same moment, where one session is all that is allowed."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import router

from oidc_session.models import EndReason, OPSession
from tests.swappable import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sign_in(client_factory):
    """Return a function that signs alice in in a browser of its own, and returns that."""

    def sign_in():
        browser = client_factory()
        browser.response = browser.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
        return browser

    return sign_in


def person(alice):
    return User.objects.using(router.db_for_write(OPSession)).filter(pk=alice.pk)


def test_of_two_logins_one_session_is_left(at_once, alice, sign_in, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1)
    browsers = at_once(person(alice), sign_in, sign_in)
    assert sorted(OPSession.objects.values_list("end_reason", flat=True)) == ["", EndReason.TOO_MANY]
    assert sorted(SESSION_KEY in browser.session for browser in browsers) == [False, True]


def test_of_two_logins_one_is_refused(at_once, alice, sign_in, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_TOO_MANY="refuse")
    browsers = at_once(person(alice), sign_in, sign_in)
    assert sorted(browser.response.status_code for browser in browsers) == [302, 403]
    assert OPSession.objects.get().is_live
