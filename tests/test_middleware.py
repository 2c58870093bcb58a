from unittest import mock

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse
from django.test import AsyncClient, Client

from oidc_session.middleware import SessionManagementMiddleware
from tests.databases import captured_queries
from tests.oidc import COOKIE, authorize_url, is_unchanged, query_of

OURS = "oidc_session.middleware.SessionManagementMiddleware"
ENGINES = [
    f"django.contrib.sessions.backends.{name}" for name in ("db", "cache", "cached_db", "file", "signed_cookies")
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.rpartition(".")[2])
def engine(request, settings, tmp_path):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = request.param
    return request.param


class Browser:
    """The same calls for Django's two test clients."""

    def __init__(self, client):
        self.client = client
        self.is_async = isinstance(client, AsyncClient)
        self.cookies = client.cookies

    def get(self, path):
        return async_to_sync(self.client.get)(path) if self.is_async else self.client.get(path)

    def post(self, path, data=None):
        return async_to_sync(self.client.post)(path, data) if self.is_async else self.client.post(path, data)

    def sign_in(self):
        return self.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})

    def queries(self, path):
        with captured_queries() as queries:
            self.get(path)
        return queries


@pytest.fixture(params=[Client, AsyncClient])
def browser(request):
    return Browser(request.param())


@pytest.mark.parametrize("path", ["/untouched/", "/auntouched/"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_view_that_does_not_use_the_session_is_left_alone(engine, browser, alice, path, signed_in):
    if signed_in:
        browser.sign_in()
    browser.cookies.pop(COOKIE, None)
    loaded = AssertionError("session loaded")
    with mock.patch.multiple(
        SessionBase, _session=mock.PropertyMock(side_effect=loaded), _aget_session=mock.Mock(side_effect=loaded)
    ):
        assert browser.queries(path) == []
        response = browser.get(path)
    assert response.content == b"untouched"
    assert COOKIE not in response.cookies
    assert "Vary" not in response


@pytest.mark.parametrize("path", ["/person/", "/aperson/", "/modify/"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_view_that_uses_the_session_costs_no_query_more(engine, browser, alice, settings, path, signed_in):
    if signed_in:
        browser.sign_in()
    browser.get(path)
    ours = browser.queries(path)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != OURS]
    assert len(ours) == len(browser.queries(path))


@pytest.mark.parametrize("path", ["/person/", "/aperson/"])
def test_lost_cookie_is_restored_without_a_query(engine, browser, alice, path):
    browser.sign_in()
    before = browser.queries(path)
    del browser.cookies[COOKIE]
    assert len(browser.queries(path)) == len(before)
    assert browser.cookies[COOKIE].value


@pytest.mark.parametrize("prompt", [None, "none"])
def test_authorization_endpoint_and_iframe_agree(engine, browser, alice, application, prompt):
    browser.sign_in()
    answer = query_of(browser.get(authorize_url(prompt=prompt)))
    assert answer["code"]
    assert is_unchanged(browser, answer["session_state"])
    browser.post("/accounts/logout/")
    assert not is_unchanged(browser, answer["session_state"])
    answer = query_of(browser.get(authorize_url(prompt="none")))
    assert answer["error"] == "login_required"
    assert is_unchanged(browser, answer["session_state"])


@pytest.mark.parametrize("path", ["/person/", "/aperson/"])
def test_cookie_follows_login_and_logout(engine, browser, alice, path):
    anonymous = browser.get(path).cookies[COOKIE].value
    signed_in = browser.sign_in().cookies[COOKIE].value
    assert COOKIE not in browser.get(path).cookies
    signed_out = browser.post("/accounts/logout/").cookies[COOKIE].value
    assert len({anonymous, signed_in, signed_out}) == 3
    assert COOKIE not in browser.get(path).cookies


def test_server_error_stores_no_session_and_sends_no_cookie(browser, alice):
    browser.sign_in()
    del browser.cookies[COOKIE]
    assert COOKIE not in browser.get("/fail/").cookies


def test_nothing_is_done_with_the_feature_off(engine, browser, alice, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert COOKIE not in browser.sign_in().cookies
    assert COOKIE not in browser.get("/person/").cookies
    assert COOKIE not in browser.post("/accounts/logout/").cookies


def test_login_without_a_session_is_left_alone(alice):
    from django.contrib.auth.signals import user_logged_in

    user_logged_in.send(sender=type(alice), request=None, user=alice)


def test_middleware_is_async_where_its_inner_handler_is():
    async def inner(request):
        return HttpResponse()

    assert SessionManagementMiddleware(inner).is_async
    assert not SessionManagementMiddleware(lambda request: HttpResponse()).is_async
