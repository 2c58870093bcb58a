"""Logins at a real HTTP server, from the first address to the session."""

import logging
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from oidc_session.rp.models import LoginUnderWay, StoredSession
from oidc_session.rp.pkce import s256
from tests.rp.browser import Browser
from tests.rp.provider import CONFIGURATION, Answer, new_key

CALLBACK = "/oidc/demo/callback/"


def parameters_of(address):
    return dict(parse_qsl(urlsplit(address).query))


def assert_error_page(response, status=400, *texts):
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    body = response.content.decode()
    assert all(text in body for text in texts), body
    return body


def test_request_asks_for_what_the_settings_say(browser, op, rp):
    rp({"scope": "openid profile", "authorization_parameters": {"ui_locales": "fr", "state": "mine"}, "max_age": 60})
    address = browser.begin()
    asked = parameters_of(address)
    assert address.startswith(op.url + "/authorize?")
    random = {asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert len(random) == 3
    assert "mine" not in random
    assert asked == {
        "response_type": "code",
        "client_id": "rp",
        "scope": "openid profile",
        "redirect_uri": "http://testserver/oidc/demo/callback/",
        "code_challenge_method": "S256",
        "ui_locales": "fr",
        "max_age": "60",
    }


@pytest.mark.parametrize(
    ("settings_ask", "path", "asked"),
    [
        ("consent", "", "consent"),
        ("consent", "?silent=1", "none"),
        ("none", "", "none"),
    ],
)
def test_prompt_of_the_settings_asks_unless_nobody_is_asked(browser, rp, settings_ask, path, asked):
    rp({"authorization_parameters": {"prompt": settings_ask}})
    assert parameters_of(browser.begin("/oidc/demo/login/" + path))["prompt"] == asked


def test_endpoint_may_have_a_query(browser, op):
    op.answers[CONFIGURATION] = Answer(op.metadata | {"authorization_endpoint": op.url + "/authorize?tenant=1"})
    assert parameters_of(browser.begin())["tenant"] == "1"


def test_login_signs_in_and_goes_where_it_was_wanted(browser):
    assert browser.sign_in(next="/members/?a=1")["Location"] == "/members/?a=1"
    assert browser.page("/members/").content == b"alice-sub"


def test_login_goes_home_if_nowhere_else(browser):
    assert browser.sign_in(next="//evil.example")["Location"] == "/"


def held_by(browser):
    """Return all cookies of a browser, whoever set them."""
    return {name: cookie for name, cookie in browser.cookies.items() if cookie.value}


def bytes_sent_by(browser):
    """Return how long the browser's Cookie header is."""
    return len("; ".join(f"{name}={cookie.value}" for name, cookie in held_by(browser).items()))


def test_browser_holds_one_opaque_cookie(browser):
    browser.sign_in()
    assert set(held_by(browser)) == {"oidc_rp_demo", "csrftoken"}
    cookie = browser.cookies["oidc_rp_demo"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "Lax", "", "/")


@pytest.mark.parametrize("store", ["database", "cache"])
def test_700_groups_fit_into_less_than_200_bytes_of_cookies(browser, op, rp, store):
    """Ours and Django's, of CSRF and of a session in use, from the login to the logout."""
    rp(store=store)
    op.claims = {"groups": [f"group-with-a-long-name-{number:03}" for number in range(700)]}
    browser.get("/keep/")
    browser.sign_in()
    assert len(browser.session.id_token) > 20_000
    for step in (browser.status, browser.refresh, lambda: browser.page("/members/")):
        step()
        assert set(held_by(browser)) == {"oidc_rp_demo", "csrftoken", "sessionid"}
        assert bytes_sent_by(browser) < 200
    assert len([request for request in op.asked("/token") if request.form["grant_type"] == "refresh_token"]) == 1
    assert len(browser.status()["groups"]) == 700
    response = browser.post("/oidc/demo/logout/")
    assert f'action="{op.url}/logout"' in response.content.decode()
    assert (browser.status()["state"], set(held_by(browser))) == ("anonymous", {"csrftoken"})


def test_cookies_are_secure_over_https(browser):
    response = browser.get("/oidc/demo/login/", secure=True)
    assert [cookie["secure"] for cookie in response.cookies.values()] == [True]


def test_handle_is_new_at_each_login(browser):
    browser.sign_in()
    first = browser.cookies["oidc_rp_demo"].value
    browser.sign_in()
    assert browser.cookies["oidc_rp_demo"].value != first
    browser.cookies["oidc_rp_demo"] = first
    assert browser.status()["state"] == "anonymous"
    assert StoredSession.objects.count() == 1


def test_handle_planted_before_a_login_is_of_no_use(browser, op):
    planted = "a" * 43
    browser.cookies["oidc_rp_demo"] = planted
    browser.sign_in()
    attacker = Browser(op)
    attacker.cookies["oidc_rp_demo"] = planted
    assert attacker.status()["state"] == "anonymous"


@pytest.mark.parametrize("value", ["", "x", "a" * 43, "a.b.c", "ü", "eyJhbGciOiJub25lIn0.e30.", "'; DROP TABLE"])
def test_unknown_handle_is_nobody(browser, value):
    browser.cookies["oidc_rp_demo"] = value
    assert browser.status()["state"] == "anonymous"


def test_handle_of_one_provider_is_none_of_another(browser, rp, settings):
    demo = settings.OIDC_RP["providers"]["demo"]
    rp(providers={"demo": demo, "other": demo})
    browser.sign_in()
    browser.cookies["oidc_rp_other"] = browser.cookies["oidc_rp_demo"].value
    assert browser.status("other")["state"] == "anonymous"


def test_two_providers_have_a_session_each(browser, rp, settings):
    demo = settings.OIDC_RP["providers"]["demo"]
    rp(providers={"demo": demo, "other": demo})
    browser.sign_in()
    address = browser.begin("/oidc/other/login/")
    browser.come_back(address)
    assert browser.page("/others/").content == b"alice-sub"
    browser.post("/oidc/demo/logout/")
    assert (browser.status("demo")["state"], browser.status("other")["state"]) == ("anonymous", "active")


# The transaction


def test_several_tabs_sign_in_at_once(browser):
    first, second = browser.begin(next="/1/"), browser.begin(next="/2/")
    assert browser.come_back(second)["Location"] == "/2/"
    assert browser.come_back(first)["Location"] == "/1/"


def test_login_is_good_once(browser):
    address = browser.begin()
    secret = dict(browser.cookies)
    browser.come_back(address)
    browser.cookies.update(secret)
    assert_error_page(browser.come_back(address))


def test_login_of_another_browser_is_none(browser, op):
    address = browser.begin()
    assert_error_page(Browser(op).come_back(address))
    assert browser.come_back(address).status_code == 302


@pytest.mark.parametrize("state", [None, "", "unknown", "ü"])
def test_unknown_state_is_no_login(browser, state):
    assert_error_page(browser.come_back(browser.begin(), state=state))
    assert not StoredSession.objects.exists()


def test_login_at_one_provider_is_none_at_another(browser, rp, settings):
    demo = settings.OIDC_RP["providers"]["demo"]
    rp(providers={"demo": demo, "other": demo})
    query = urlsplit(browser.op.authorize(browser.begin())).query
    assert_error_page(browser.get(f"/oidc/other/callback/?{query}"))


def test_login_must_be_done_in_time(browser):
    address = browser.begin()
    LoginUnderWay.objects.update(ends_at=0)
    assert_error_page(browser.come_back(address))


def test_what_is_kept_of_a_login_can_t_be_read(browser):
    asked = parameters_of(browser.begin(next="/members/"))
    kept = LoginUnderWay.objects.get()
    assert not any(word in f"{vars(kept)}" for word in (asked["state"], asked["nonce"], "members"))


def test_cookie_of_a_login_goes_with_it(browser):
    address = browser.begin()
    [name] = [name for name in browser.cookies if ".login." in name]
    assert browser.cookies[name]["max-age"] == 1800
    browser.come_back(address)
    assert browser.cookies[name].value == ""


# The answer


def test_error_of_the_provider_is_shown_and_logged(browser, caplog):
    response = browser.come_back(browser.begin(next="/members/"), code=None, error="access_denied")
    assert_error_page(response, 400, "access_denied", "/oidc/demo/login/?next=%2Fmembers%2F")
    assert "reason=The provider answered access_denied." in caplog.text


def test_error_can_t_bring_its_own_words(browser, caplog):
    response = browser.come_back(browser.begin(), error='<b>"é\n\\' + "x" * 500)
    body = assert_error_page(response, 400, "&lt;b&gt;????")
    assert "<b>" not in body
    assert "x" * 100 not in body


def test_error_without_a_login_under_way_is_not_shown(browser):
    body = assert_error_page(browser.get(CALLBACK, {"error": "call_this_number", "state": "x"}))
    assert "call_this_number" not in body


@pytest.mark.parametrize("promised", [True, False])
@pytest.mark.parametrize("iss", ["https://evil.example", "", None, "own"])
def test_answer_must_be_from_the_provider_that_was_asked(browser, op, promised, iss):
    op.answers[CONFIGURATION] = Answer(op.metadata | {"authorization_response_iss_parameter_supported": promised})
    response = browser.come_back(browser.begin(), iss=op.url if iss == "own" else iss)
    if iss == "own" or (iss is None and not promised):
        assert response.status_code == 302
    else:
        assert_error_page(response)


def test_parameter_that_comes_twice_is_refused(browser, op):
    back = urlsplit(op.authorize(browser.begin()))
    assert_error_page(browser.get(f"{back.path}?{back.query}&code=another"))


def test_callback_without_anything_is_an_error_page(browser):
    assert_error_page(browser.get(CALLBACK), 400, "/oidc/demo/login/")


@pytest.mark.parametrize("code", [None, "", "unknown"])
def test_code_that_is_none(browser, code):
    assert_error_page(browser.come_back(browser.begin(), code=code))


# The token endpoint


def test_code_is_redeemed_with_its_verifier(browser, op):
    address = browser.begin()
    browser.come_back(address)
    [request] = op.asked("/token")
    asked = parameters_of(address)
    assert request.form["redirect_uri"] == asked["redirect_uri"]
    assert s256(request.form["code_verifier"]) == asked["code_challenge"]


@pytest.mark.parametrize(
    ("method", "basic", "form"),
    [
        ("client_secret_basic", ("r:p é", "s:e%c é"), (None, None)),
        ("client_secret_post", None, ("r:p é", "s:e%c é")),
        ("none", None, ("r:p é", None)),
    ],
)
def test_client_authenticates_as_it_should(browser, op, rp, method, basic, form):
    secret = "" if method == "none" else "s:e%c é"
    rp({"client_id": "r:p é", "client_secret": secret, "token_endpoint_auth_method": method})
    op.claims = {"aud": "r:p é"}
    browser.sign_in()
    [request] = op.asked("/token")
    assert request.basic == basic
    assert (request.form.get("client_id"), request.form.get("client_secret")) == form


@pytest.mark.parametrize(
    ("answer", "status", "level"),
    [
        (Answer({"error": "invalid_grant"}, 400), 400, logging.WARNING),
        (Answer({"error": "invalid_client"}, 401), 400, logging.ERROR),
        (Answer({"error": "<b>"}, 400), 400, logging.ERROR),
        (Answer({"error": "server_error"}, 400), 503, logging.WARNING),
        (Answer({"error": "invalid_grant"}, 500), 503, logging.WARNING),
        (Answer({}, 429), 503, logging.WARNING),
        (Answer("<html>secret page"), 503, logging.WARNING),
        (Answer({}, 400), 503, logging.WARNING),
        (Answer({"access_token": "a"}), 503, logging.WARNING),
        (Answer({"access_token": "a", "token_type": "mac"}), 503, logging.WARNING),
        (Answer({"access_token": 1, "token_type": "Bearer"}), 503, logging.WARNING),
        (Answer({"access_token": "a", "token_type": "Bearer"}), 400, logging.WARNING),
        (Answer({"access_token": "a", "token_type": "bearer", "id_token": {}}), 400, logging.WARNING),
    ],
)
def test_answer_of_the_token_endpoint_that_is_none(browser, op, caplog, answer, status, level):
    op.answers["/token"] = answer
    body = assert_error_page(browser.come_back(browser.begin()), status)
    assert "secret page" not in body + caplog.text
    assert max(record.levelno for record in caplog.records if record.name.startswith("oidc_session")) == level
    assert browser.status()["state"] == "anonymous"


def test_id_token_of_another_login_is_refused(browser, op):
    answer = Answer({"access_token": "a", "token_type": "Bearer", "id_token": op.id_token(nonce="other")})
    op.answers["/token"] = answer
    assert_error_page(browser.come_back(browser.begin()))


def test_id_token_of_another_key_is_refused(browser, op):
    op.tokens = lambda **kwargs: {
        "access_token": "a",
        "token_type": "Bearer",
        "id_token": op.id_token(nonce=kwargs["nonce"], key=new_key("foreign")),
    }
    assert_error_page(browser.come_back(browser.begin()))


@pytest.mark.parametrize(
    ("expires_in", "seconds"), [(60, 60), ("60", 60), (None, 300), ("soon", 300), (-1, 300), (0, 300)]
)
def test_lifetime_is_the_access_token_s_or_else_the_id_token_s(browser, op, expires_in, seconds):
    op.expires_in = expires_in
    browser.sign_in()
    session = browser.session
    assert seconds - 5 < session.expires_at - session.started_at < seconds + 5


def test_tokens_and_codes_are_in_no_log(browser, op, caplog):
    caplog.set_level(logging.DEBUG, "oidc_session")
    op.answers["/token"] = Answer({"error": "invalid_grant"}, 400)
    address = browser.begin()
    browser.come_back(address)
    asked = parameters_of(address)
    assert not any(secret in caplog.text for secret in ("code-", asked["state"], asked["nonce"], "only-tests"))


def test_provider_that_is_away_at_the_beginning(browser, op):
    op.answers[CONFIGURATION] = Answer("", 500)
    assert_error_page(
        browser.get("/oidc/demo/login/", {"next": "/members/"}), 503, "/oidc/demo/login/?next=%2Fmembers%2F"
    )
    assert not LoginUnderWay.objects.exists()


def test_provider_that_is_away_at_the_end(browser, op):
    address = browser.begin()
    op.answers["/jwks"] = Answer("", 500)
    assert_error_page(browser.come_back(address), 503)


@pytest.mark.parametrize("name", ["login", "callback"])
def test_unknown_provider_is_not_found(browser, name):
    assert browser.get(f"/oidc/unknown/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["login", "callback"])
def test_other_methods_are_refused(browser, name):
    assert browser.post(f"/oidc/demo/{name}/").status_code == 405


def test_error_page_is_outside_of_any_login_requirement(browser, settings):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    assert_error_page(browser.get(CALLBACK))
    browser.sign_in()
    assert browser.page("/members/").content == b"alice-sub"
    assert browser.get("/oidc/status/").status_code == 200


def test_redirect_uri_may_be_set(browser, rp):
    rp({"redirect_uri": "https://rp.example/oidc/demo/callback/"})
    assert parameters_of(browser.begin())["redirect_uri"] == "https://rp.example/oidc/demo/callback/"
    browser.sign_in()


@pytest.mark.parametrize("expired_by", ["", "refused"])
def test_login_of_somebody_else_replaces_the_session(browser, op, expired_by):
    op.claims = {"name": "Alice"}
    browser.sign_in()
    before = browser.cookies["oidc_rp_demo"].value
    browser.change(expired_at=time.time() if expired_by else 0, expired_by=expired_by)
    op.sub, op.claims = "bob-sub", {"name": "Bob"}
    browser.sign_in()
    [row] = StoredSession.objects.all()
    assert row.key == browser.key
    assert (browser.session.sub, browser.session.claims["name"]) == ("bob-sub", "Bob")
    assert browser.page("/members/").content == b"bob-sub"
    browser.cookies["oidc_rp_demo"] = before
    assert browser.status()["state"] == "anonymous"


# Django's session


def test_what_somebody_left_unknown_goes_on_with_a_login(browser):
    browser.get("/keep/")
    before = browser.cookies["sessionid"].value
    browser.sign_in()
    assert browser.get("/kept/").content == b"True"
    assert browser.cookies["sessionid"].value != before


def test_what_a_person_left_is_there_at_the_next_login(browser):
    browser.sign_in()
    browser.get("/keep/")
    browser.sign_in()
    assert browser.get("/kept/").content == b"True"


def test_what_a_person_left_is_not_for_another(browser, op):
    browser.sign_in()
    browser.get("/keep/")
    op.sub = "bob-sub"
    browser.sign_in()
    assert browser.get("/kept/").content == b"False"


def test_what_somebody_left_whose_session_is_gone_is_not_for_another(browser):
    browser.sign_in()
    browser.get("/keep/")
    StoredSession.objects.all().delete()
    browser.sign_in()
    assert browser.get("/kept/").content == b"False"


def test_works_without_django_s_session(browser, settings):
    settings.MIDDLEWARE = ["oidc_session.rp.middleware.RelyingPartyMiddleware"]
    browser.sign_in()
    assert browser.page("/members/").content == b"alice-sub"
    assert browser.post("/oidc/demo/logout/").status_code == 302
