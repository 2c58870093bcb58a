import base64
import hashlib
import re

import pytest

from oidc_session.authentication_response import AuthenticationResponse
from oidc_session.form_post import form_post_response
from tests.middleware import CSP_MIDDLEWARE
from tests.oidc import authorize

ANSWER = AuthenticationResponse("https://rp.example/callback?a=1&b=2", (("code", "1"), ("state", '<&">')))


def test_page_submits_itself_to_the_redirect_uri():
    page = form_post_response(ANSWER).content.decode()
    assert '<form method="post" action="https://rp.example/callback?a=1&amp;b=2">' in page
    assert '<input type="hidden" name="state" value="&lt;&amp;&quot;&gt;">' in page
    assert "document.forms[0].submit()" in page


def test_only_our_script_may_run():
    response = form_post_response(ANSWER)
    [script] = re.findall(r"<script>(.*)</script>", response.content.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert response["Content-Security-Policy"] == (f"default-src 'none'; script-src 'sha256-{digest}'; base-uri 'none'")


def test_page_has_a_button_without_javascript():
    page = form_post_response(ANSWER).content.decode()
    assert re.search(r"<noscript>.*<button>Continue</button>.*</noscript>", page, re.DOTALL)


def test_page_is_kept_nowhere():
    assert form_post_response(ANSWER)["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("middleware", CSP_MIDDLEWARE)
def test_policy_is_not_replaced_by(client, alice, application, settings, middleware):
    settings.SECURE_CSP = {"script-src": ["'none'"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings.SECURE_CSP}
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
    client.force_login(alice)
    assert "script-src 'none'" in client.get("/untouched/")["Content-Security-Policy"]
    response = authorize(client, response_mode="form_post")
    assert response["Content-Security-Policy"] == form_post_response(ANSWER)["Content-Security-Policy"]


@pytest.mark.django_db
def test_page_may_be_framed_and_shows_its_origin_through_all_middleware(client, alice, application):
    client.force_login(alice)
    response = authorize(client, response_mode="form_post", prompt="none")
    assert "X-Frame-Options" not in response
    assert response["Referrer-Policy"] == "origin"
