"""How many sessions a person may have: the oldest ends, or the new one is refused."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from oidc_session.middleware import SessionManagementMiddleware
from oidc_session.models import EndReason, LogoutNotice, OPSession
from tests import policies
from tests.databases import captured_queries
from tests.notices import application_at
from tests.oidc import COOKIE, authorize
from tests.test_sessions import is_signed_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browsers(client_factory):
    """Return a function that signs alice in in so many browsers."""

    def sign_in_in(number):
        found = [client_factory() for _ in range(number)]
        for browser in found:
            browser.response = sign_in(browser)
        return found

    return sign_in_in


def reasons():
    return list(OPSession.objects.order_by("pk").values_list("end_reason", flat=True))


def test_there_is_no_limit_by_default(alice, browsers):
    browsers(5)
    assert reasons() == [""] * 5


def test_oldest_session_ends(alice, browsers, provider, django_capture_on_commit_callbacks):
    provider(OIDC_SESSION_MAX_PER_PERSON=2)
    with django_capture_on_commit_callbacks(execute=True):
        found = browsers(3)
    assert reasons() == [EndReason.TOO_MANY, "", ""]
    assert [is_signed_in(browser) for browser in found] == [False, True, True]


def test_its_applications_are_told(alice, browsers, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("https://rp.example/backchannel-logout")
    (first,) = browsers(1)
    authorize(first, client_id=application.client_id)
    browsers(1)
    assert LogoutNotice.objects.get().client_id == application.client_id


@pytest.mark.parametrize(("number", "text"), [(1, "in another browser"), (2, "in 2 other browsers")])
def test_person_is_told_in_the_new_browser(alice, browsers, provider, number, text):
    browsers(number)
    provider(OIDC_SESSION_MAX_PER_PERSON=1)
    (new,) = browsers(1)
    (message,) = get_messages(new.response.wsgi_request)
    assert text in str(message)


def test_project_without_messages_has_none(alice, browsers, provider, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "messages" not in name]
    provider(OIDC_SESSION_MAX_PER_PERSON=1)
    browsers(2)
    assert reasons() == [EndReason.TOO_MANY, ""]


def test_nobody_is_told_of_nothing(alice, browsers, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1)
    (only,) = browsers(1)
    assert not list(get_messages(only.response.wsgi_request))


def test_another_person_is_left_alone(alice, bob, browsers, client, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1)
    sign_in(client, "bob")
    browsers(1)
    assert reasons() == ["", ""]


def test_signing_in_again_in_the_same_browser_is_no_second_session(alice, client, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_TOO_MANY="refuse")
    for _ in range(3):
        assert sign_in(client).status_code == 302
    assert reasons() == [""]


def test_signing_in_again_after_signing_out_is_none_either(alice, client, provider):
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_TOO_MANY="refuse")
    for _ in range(3):
        sign_in(client)
        client.logout()
    assert set(reasons()) == {EndReason.LOGOUT}


# Refusing


@pytest.fixture
def refused(alice, browsers, provider):
    """A browser that came too late."""
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_TOO_MANY="refuse")
    first, second = browsers(2)
    assert is_signed_in(first)
    return second


def test_new_session_is_refused_with_a_page_that_says_why(refused):
    assert refused.response.status_code == 403
    assert "Sign out in one of them" in refused.response.content.decode()
    assert reasons() == [""]


def test_new_session_is_refused_under_asgi_too(refused, async_client):
    form = {"username": "alice", "password": "demo-pass"}
    response = async_to_sync(async_client.post)("/accounts/login/", form)
    assert response.status_code == 403
    assert "Sign out in one of them" in response.content.decode()
    assert reasons() == [""]


def test_other_refusals_have_the_page_of_the_project():
    assert SessionManagementMiddleware(lambda request: None).process_exception(None, PermissionDenied()) is None


def test_refused_browser_is_signed_in_nowhere(refused, application):
    assert not is_signed_in(refused)
    assert authorize(refused)["Location"].startswith("/accounts/login/")
    assert refused.cookies[COOKIE].value.count(".") == 1  # The tag of a signed-out browser's.


def test_refused_person_may_sign_in_where_the_other_session_has_expired(refused):
    OPSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sign_in(refused).status_code == 302
    assert is_signed_in(refused)


def test_who_signed_in_before_this_app_was_installed_is_refused_quietly(alice, client, browsers, application, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=None)
    client.force_login(alice)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True, OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_TOO_MANY="refuse")
    browsers(1)
    assert authorize(client)["Location"].startswith("/accounts/login/")
    assert reasons() == [""]


# The project's own function


def test_function_says_how_many_a_person_may_have(alice, browsers, provider, monkeypatch):
    monkeypatch.setattr(policies, "limits", {"alice": 2})
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_MAX_PER_PERSON_FUNCTION="tests.policies.limit")
    browsers(3)
    assert reasons() == [EndReason.TOO_MANY, "", ""]


def test_function_may_lift_the_limit(alice, browsers, provider, monkeypatch):
    monkeypatch.setattr(policies, "limits", {"alice": 0})
    provider(OIDC_SESSION_MAX_PER_PERSON=1, OIDC_SESSION_MAX_PER_PERSON_FUNCTION="tests.policies.limit")
    browsers(3)
    assert reasons() == ["", "", ""]


def test_without_a_limit_no_query_is_added(alice, browsers):
    with captured_queries() as queries:
        browsers(1)
    about_sessions = [sql for sql in queries if "oidc_session_opsession" in sql]
    assert len(about_sessions) == 1
