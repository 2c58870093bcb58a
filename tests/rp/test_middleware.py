import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient
from django.urls import reverse
from django.utils.cache import has_vary_header

from oidc_session.rp.urls import urlpatterns
from tests.databases import captured_queries
from tests.rp.browser import Browser


def test_view_that_does_not_ask_costs_nothing(alice_s):
    with captured_queries() as queries:
        response = alice_s.get("/")
    assert queries == []
    assert not has_vary_header(response, "Cookie")
    assert "Cache-Control" not in response


def test_view_that_asks_costs_one_query(alice_s):
    with captured_queries() as queries:
        response = alice_s.get("/members/")
    assert len(queries) == 1
    assert has_vary_header(response, "Cookie")
    assert "no-store" in response["Cache-Control"]


def test_nobody_costs_no_query_and_is_told_apart(browser):
    with captured_queries() as queries:
        response = browser.get("/tokens/")
    assert queries == []
    assert has_vary_header(response, "Cookie")


@async_to_sync
async def visit_asynchronously(cookies):
    browser = AsyncClient()
    assert (await browser.get("/amembers/")).status_code == 302
    browser.cookies = cookies
    for path, content in (("/amembers/", b"alice-sub"), ("/members/", b"alice-sub"), ("/atokens/", b"{}")):
        response = await browser.get(path)
        assert response.content == content
        assert has_vary_header(response, "Cookie")
    assert not has_vary_header(await browser.get("/"), "Cookie")


def test_async_views_are_served(alice_s):
    visit_asynchronously(alice_s.cookies)


def test_site_without_a_provider_serves_its_other_pages(client, rp, db):
    rp(providers={})
    assert client.get("/").content == b"home"
    assert client.get("/tokens/").json() == {}
    assert client.get("/oidc/status/").json() == {}


def test_views_say_which_middleware_they_miss(client, settings, db):
    settings.MIDDLEWARE = []
    with pytest.raises(ImproperlyConfigured, match="RelyingPartyMiddleware"):
        client.get("/members/")


NAMES = [pattern.name for pattern in urlpatterns if pattern.name != "status"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_no_cache_keeps_that_a_provider_is_not_there(client, db, name, method):
    response = getattr(client, method)(reverse(f"oidc_session_rp:{name}", args=["unknown"]))
    assert response.status_code in (404, 405)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["logout", "refresh", "drafts"])
def test_no_cache_keeps_that_a_csrf_token_was_missing(op, db, name):
    response = Browser(op, enforce_csrf_checks=True).post(f"/oidc/demo/{name}/")
    assert response.status_code == 403
    assert "no-store" in response["Cache-Control"]


@async_to_sync
async def not_found_asynchronously():
    return await AsyncClient().get("/oidc/unknown/events/")


def test_no_cache_keeps_errors_of_async_views(db):
    assert "no-store" in not_found_asynchronously()["Cache-Control"]


@pytest.mark.parametrize("path", ["/unknown/", "/oidc/demo/unknown/"])
def test_errors_of_others_are_theirs(client, db, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "Cache-Control" not in response
