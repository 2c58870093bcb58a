"""{% oidc_watch %}: the scripts of an open page, and what they are told."""

import re
import time

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from tests.rp.browser import Browser


def scripts_of(response):
    """Return what each script is told, by its name."""
    found = re.findall(r'<script defer src="/static/oidc_session_rp/(\w+)\.js"(.*?)></script>', response, re.DOTALL)
    return {name: dict(re.findall(r'data-([a-z-]+)="([^"]*)"', attributes)) for name, attributes in found}


def page_of(browser, path="/watched/"):
    response = browser.get(path)
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def test_page_of_a_person_is_watched_and_refreshed(alice_s):
    scripts = scripts_of(page_of(alice_s))
    assert set(scripts) == {"watch", "refresh"}
    assert scripts["watch"] == {
        "provider": "demo",
        "state": "active",
        "sub": "alice-sub",
        "status-url": "/oidc/status/",
        "poll": "30",
    }
    assert 290 < float(scripts["refresh"]["expires-in"]) <= 300
    assert scripts["refresh"]["ahead"] == "60"


def test_token_for_the_refresh_is_good(op, alice_s):
    strict = Browser(op, enforce_csrf_checks=True)
    strict.sign_in()
    told = scripts_of(page_of(strict))["refresh"]
    headers = {"X-CSRFToken": told["csrf-token"]}
    assert strict.post(told["refresh-url"], headers=headers).status_code == 200
    assert strict.cookies[told["csrf-cookie"]].value


@async_to_sync
async def visit_asynchronously(cookies):
    client = AsyncClient()
    client.cookies = cookies
    return (await client.get("/awatched/")).content.decode()


def test_stream_is_offered_under_asgi(alice_s):
    assert scripts_of(visit_asynchronously(alice_s.cookies))["watch"]["events-url"] == "/oidc/demo/events/"


def test_provider_s_iframe_is_asked_where_there_is_a_session_state(browser):
    browser.come_back(browser.begin(), session_state="hash.salt")
    assert scripts_of(page_of(browser))["rp_iframe"] == {
        "provider": "demo",
        "session-state": "hash.salt",
        "interval": "1",
        "check-session-url": "/oidc/demo/check-session/",
        "silent-login-url": "/oidc/demo/login/?silent=1",
    }


def test_visitor_is_watched_only_by_the_way_of_other_tabs(browser):
    scripts = scripts_of(page_of(browser))
    assert set(scripts) == {"watch"}
    assert (scripts["watch"]["state"], scripts["watch"]["sub"]) == ("anonymous", "")


def test_visitor_is_watched_at_the_provider_where_wanted(browser):
    assert scripts_of(page_of(browser, "/watched/?anonymous=1"))["rp_iframe"]["session-state"] == ""


def test_person_without_session_state_is_not(alice_s):
    assert "rp_iframe" not in scripts_of(page_of(alice_s, "/watched/?anonymous=1"))


@pytest.mark.parametrize("changes", [{"refresh_token": ""}, {"expired_at": time.time(), "expired_by": "refused"}])
def test_session_that_cannot_be_refreshed_is_not(alice_s, changes):
    alice_s.change(**changes)
    assert set(scripts_of(page_of(alice_s))) == {"watch"}


def test_notices_wait_in_templates_and_lead_back_here(alice_s):
    text = page_of(alice_s, "/watched/?a=1")
    notices = re.findall(
        r'<template data-oidc-notice="([a-z-]+)" data-oidc-provider="demo">(.*?)</template>', text, re.DOTALL
    )
    assert [name for name, _ in notices] == ["signed-out", "expired"]
    assert "data-oidc-signed-out" in notices[0][1]
    assert all("/oidc/demo/login/?next=%2Fwatched%2F%3Fa%3D1" in notice for _, notice in notices)


def test_numbers_are_written_for_scripts(alice_s, settings, rp):
    settings.LANGUAGE_CODE, settings.USE_THOUSAND_SEPARATOR = "de", True
    rp(refresh_ahead=3600)
    told = scripts_of(page_of(alice_s))["refresh"]
    assert told["ahead"] == "3600"
    assert float(told["expires-in"]) > 0


def test_secrets_are_not_on_the_page(alice_s):
    text = page_of(alice_s)
    session = alice_s.session
    secrets = (session.access_token, session.refresh_token, session.id_token, alice_s.cookies["oidc_rp_demo"].value)
    assert not any(secret in text for secret in secrets)


def test_subject_is_no_html(browser, op):
    op.sub = '"><script>'
    browser.sign_in()
    assert '"><script>' not in page_of(browser)
