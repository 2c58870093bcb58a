import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient
from django.utils.cache import has_vary_header

from tests.databases import captured_queries


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
