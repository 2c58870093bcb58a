"""The template tags for drafts and expired sessions."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template

from oidc_session.rp.visit import Visitor

FORM = "/form/?a=1"


def attributes(html, tag):
    found = re.search(f"<{tag} ([^>]*)>", html)
    return dict(re.findall(r'([\w-]+)="([^"]*)"', found[1]))


def test_page_of_a_person_has_both_scripts(alice_s):
    response = alice_s.page(FORM)
    html = response.content.decode()
    person = alice_s.get("/oidc/demo/drafts/").json()["person"]
    scripts = [dict(re.findall(r'([\w-]+)="([^"]*)"', found)) for found in re.findall("<script ([^>]*)>", html)]
    assert scripts == [
        {
            "src": "/static/oidc_session_rp/expired.js",
            "data-provider": "demo",
            "data-url": "/oidc/demo/drafts/",
            "data-person": person,
        },
        {
            "src": "/static/oidc_session_rp/drafts.js",
            "data-url": "/oidc/demo/drafts/",
            "data-person": person,
            "data-lifetime": "86400",
        },
    ]
    assert "no-store" in response["Cache-Control"]
    assert "alice-sub" not in html


def test_notice_is_hidden_and_leads_back(alice_s):
    html = alice_s.page(FORM).content.decode()
    assert '<div role="status" data-oidc-expired hidden>' in html
    assert attributes(html, "a")["href"] == "/oidc/demo/login/?next=%2Fform%2F%3Fa%3D1"


def test_page_of_nobody_has_neither(browser):
    assert b"script" not in browser.page(FORM).content
    assert b"data-oidc-expired" not in browser.page(FORM).content


def test_page_with_an_expired_session_has_neither(alice_s):
    alice_s.change(expired_at=1, expired_by="refused")
    assert b"script" not in alice_s.page(FORM).content


@pytest.mark.django_db
def test_provider_may_be_named(rf, rp, settings):
    rp(providers=settings.OIDC_RP["providers"] | {"other": settings.OIDC_RP["providers"]["demo"]})
    request = rf.get("/")
    request.oidc = Visitor(request)
    template = Template('{% load oidc_rp_drafts %}{% oidc_drafts "other" %}{% oidc_expired "other" %}')
    assert template.render(Context({"request": request})).strip() == ""
    assert request.oidc["other"].was_used
    assert not request.oidc.was_used


@pytest.mark.parametrize("tag", ["oidc_drafts", "oidc_expired"])
def test_template_without_a_request_is_told_what_to_add(tag):
    template = Template(f"{{% load oidc_rp_drafts %}}{{% {tag} %}}")
    with pytest.raises(ImproperlyConfigured, match=r"django\.template\.context_processors\.request"):
        template.render(Context())


def test_page_of_another_person_has_nothing_of_the_last_one(alice_s, op):
    """Whatever the browser sent, kept or was given before."""
    before = alice_s.page(FORM).content.decode()
    op.sub = "bob-sub"
    alice_s.sign_in(next=FORM)
    after = alice_s.page(FORM).content.decode()
    assert attributes(after, "textarea") == attributes(before, "textarea")
    persons = [re.search('data-person="(.*?)"', html)[1] for html in (before, after)]
    assert persons[0] != persons[1]
    assert persons[0] not in after
    assert alice_s.status()["sub"] == "bob-sub"
