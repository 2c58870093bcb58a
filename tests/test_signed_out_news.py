"""The page after a logout goes on telling, while applications are being told."""

import html
import re

import pytest
from django.urls import include, path

from oidc_session import signed_out_address
from oidc_session.models import LogoutNotice, OPSession
from oidc_session.signed_out_address import HOLDS_FOR, NEWS_FOR, Shown, address_of
from oidc_session.views import LogoutView
from tests.logout import is_signed_in, join
from tests.notices import application_at
from tests.signed_out_page import State, policy, wants_a_frame
from tests.views import person

SIGN_OUT = "/accounts/sign-out/"
NOWHERE = "https://unreachable.example/out"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels_are_on(provider, settings):
    provider(
        OIDC_BACKCHANNEL_LOGOUT_ENABLED=True,
        OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True,
        OIDC_RP_INITIATED_LOGOUT_ENABLED=True,
    )


@pytest.fixture
def wiki(db):
    return application_at(NOWHERE, "wiki", name="Wiki")


@pytest.fixture
def browser(client, alice, wiki):
    client.force_login(alice)
    join(client, "wiki")
    return client


def news_of(page):
    """Return where the page hears more: by script, and by itself without one."""
    text = page.content.decode()
    script = re.search(r'<html[^>]* data-news="([^"]*)"', text)
    refresh = re.search(r'<noscript><meta http-equiv="refresh" content="\d+;url=([^"]*)"></noscript>', text)
    return {found and html.unescape(found[1]) for found in (script, refresh)}


def news_url(page):
    [url] = news_of(page)
    return url


def settle(state, **fields):
    LogoutNotice.objects.update(state=state, **fields)


def test_page_with_somebody_being_told_says_where_to_hear_more(browser):
    page = browser.post(SIGN_OUT)
    assert b"is still being told" in page.content
    assert news_url(page).startswith("/o/signed-out/")
    assert not is_signed_in(browser)


def test_news_are_what_is_true_by_then(browser):
    url = news_url(browser.post(SIGN_OUT))
    assert b"is still being told" in browser.get(url).content
    assert news_of(browser.get(url)) == {url}
    settle(State.DELIVERED)
    page = browser.get(url)
    assert b"signed you out" in page.content
    assert news_of(page) == {None}


def test_news_may_be_bad(browser):
    url = news_url(browser.post(SIGN_OUT))
    settle(State.FAILED, problem="timeout")
    page = browser.get(url).content.decode()
    assert "could not be told: you may still be signed in there" in page
    assert '<p class="notice" id="unknown">' in page


def test_page_where_all_are_told_asks_nothing(browser, wiki):
    wiki.logout_settings.delete()
    page = browser.post(SIGN_OUT)
    assert news_of(page) == {None}
    assert "connect-src" not in policy(page)


def test_page_that_goes_on_asks_nothing(browser, application):
    wants_a_frame(application)
    join(browser)
    page = browser.post("/accounts/sign-out-and-on/")
    assert b"is still being told" in page.content
    assert b"data-news" not in page.content
    assert "connect-src" not in policy(page)


def test_policy_lets_the_script_ask_this_server_alone(browser):
    page = browser.post(SIGN_OUT)
    assert policy(page)["connect-src"] == ["'self'"]
    assert len(policy(page)["script-src"]) == page.content.count(b"<script>") == 2


def test_asking_shows_no_frame_and_writes_nothing(browser, application):
    wants_a_frame(application)
    join(browser)
    url = news_url(browser.post(SIGN_OUT))
    before = list(LogoutNotice.objects.order_by("pk").values())
    assert b"<iframe" not in browser.get(url).content
    assert list(LogoutNotice.objects.order_by("pk").values()) == before


def test_asking_stops_after_a_while(browser, monkeypatch):
    url = news_url(browser.post(SIGN_OUT))
    later = signed_out_address.time.time() + NEWS_FOR + 1
    monkeypatch.setattr(signed_out_address.time, "time", lambda: later)
    page = browser.get(url)
    assert b"is still being told" in page.content
    assert news_of(page) == {None}


def test_address_that_holds_no_more_leads_to_the_start_page(browser, monkeypatch):
    url = news_url(browser.post(SIGN_OUT))
    later = signed_out_address.time.time() + HOLDS_FOR + 1
    monkeypatch.setattr(signed_out_address.time, "time", lambda: later)
    assert browser.get(url)["Location"] == "http://testserver/"


@pytest.mark.parametrize("token", ["x", "WzEsIiIsIiIsMF0:1x:y", "%00", "a" * 3000])
def test_forged_address_leads_to_the_start_page(client, db, token):
    assert client.get(f"/o/signed-out/{token}/")["Location"] == "http://testserver/"


def test_address_of_a_session_without_notices_leads_to_the_start_page(browser):
    url = news_url(browser.post(SIGN_OUT))
    OPSession.objects.all().delete()
    assert browser.get(url)["Location"] == "http://testserver/"


def test_with_the_channels_off_there_is_no_such_page(browser, provider):
    url = news_url(browser.post(SIGN_OUT))
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False)
    assert browser.get(url).status_code == 404


def test_news_are_in_no_cache_no_frame_and_no_referrer(browser):
    page = browser.get(news_url(browser.post(SIGN_OUT)))
    assert "no-store" in page["Cache-Control"]
    assert page["X-Frame-Options"] == "DENY"
    assert page["Referrer-Policy"] == "no-referrer"


def test_login_required_middleware_lets_it_pass(browser, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert browser.get(news_url(browser.post(SIGN_OUT))).status_code == 200


def test_site_without_our_urls_shows_the_page_without_news(browser, settings):
    urlpatterns = [path("out/", LogoutView.as_view()), path("person/", person)]
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": urlpatterns})
    page = browser.post("/out/")
    assert b"is still being told" in page.content
    assert news_of(page) == {None}


def test_address_is_of_the_instance_that_was_included(rf, settings):
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [path("x/", include("oidc_session.urls"))]})
    request = rf.get("/")
    request.resolver_match = None
    assert address_of(request, Shown(1)).startswith("/x/signed-out/")


def test_application_that_was_left_alone_is_still_the_one_that_was_left(browser, wiki):
    rp_session = wiki.rp_sessions.get()
    page = browser.post(
        "/o/logout/",
        {"client_id": "wiki", "allow": "application", "csrfmiddlewaretoken": "x"},
    )
    assert rp_session.op_session.is_live
    assert "Signing you out of Wiki" in page.content.decode()
    settle(State.DELIVERED)
    assert "You are signed out of Wiki" in browser.get(news_url(page)).content.decode()
