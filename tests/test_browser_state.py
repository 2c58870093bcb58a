import time
from copy import deepcopy

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.core.signing import Signer

from oidc_session import browser_state
from oidc_session.browser_state import SESSION_ENTRY

COOKIE = "oidc_ua_agent_state"

pytestmark = pytest.mark.django_db


def sign_in(client, username="alice"):
    return client.post("/accounts/login/", {"username": username, "password": "demo-pass"})


def state_in_session(client):
    return client.session[SESSION_ENTRY][0]


def test_login_sets_the_state_of_the_session(client, alice):
    response = sign_in(client)
    assert response.cookies[COOKIE].value == state_in_session(client)


def test_state_has_at_least_128_random_bits_and_names_nobody(client, alice):
    state = sign_in(client).cookies[COOKIE].value
    assert len(state) >= 43
    assert state not in {client.session.session_key, str(alice.pk)}


def test_state_is_new_when_the_same_person_signs_in_again(client, alice):
    first = sign_in(client).cookies[COOKIE].value
    second = sign_in(client).cookies[COOKIE].value
    assert first != second


def test_state_is_new_when_another_person_signs_in(client, alice, bob):
    first = sign_in(client).cookies[COOKIE].value
    assert sign_in(client, "bob").cookies[COOKIE].value != first


def test_state_stays_when_the_session_key_is_cycled(client, alice):
    sign_in(client)
    before = state_in_session(client)
    session = client.session
    session.cycle_key()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    assert COOKIE not in client.get("/person/").cookies
    assert state_in_session(client) == before


def test_logout_replaces_the_cookie_and_does_not_delete_it(client, alice):
    signed_in = sign_in(client).cookies[COOKIE].value
    cookie = client.post("/accounts/logout/").cookies[COOKIE]
    assert cookie.value not in {"", signed_in}
    assert int(cookie["max-age"]) > 0


def test_signed_out_state_differs_from_browser_to_browser(client, client_factory):
    assert client.get("/person/").cookies[COOKIE].value != client_factory().get("/person/").cookies[COOKIE].value


def test_signed_out_state_is_kept(client):
    client.get("/person/")
    assert COOKIE not in client.get("/person/").cookies


def test_signed_out_state_is_recognised_by_a_process_that_shares_only_the_key(client, client_factory):
    state = client.get("/person/").cookies[COOKIE].value
    other = client_factory()
    other.cookies[COOKIE] = state
    assert COOKIE not in other.get("/person/").cookies


def test_signed_out_state_of_another_key_is_replaced(client, provider):
    client.get("/person/")
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="another key")
    assert COOKIE in client.get("/person/").cookies


def test_signed_out_state_of_a_secret_key_is_replaced(client, settings):
    settings.SECRET_KEY_FALLBACKS = ["a key of old"]
    client.cookies[COOKIE] = Signer(key="a key of old", sep=".", salt="oidc_session.signed_out").sign("s" * 43)
    assert COOKIE in client.get("/person/").cookies


TAMPERED = ["", "x", "a.b", "é", "x" * 10_000, "." * 10_000, "ü" * 43, f"{'s' * 43}.", f"{'s' * 43}\n", '"quoted"']


@pytest.mark.parametrize("sent", TAMPERED, ids=lambda sent: sent[:8])
def test_tampered_cookie_is_treated_as_none(client, sent):
    client.cookies[COOKIE] = sent
    response = client.get("/person/")
    assert response.status_code == 200
    assert response.cookies[COOKIE].value not in {"", sent}


@pytest.mark.parametrize("sent", ["", "x", "x" * 10_000], ids=lambda sent: sent[:8])
def test_tampered_cookie_of_a_signed_in_browser_is_restored(client, alice, sent):
    sign_in(client)
    client.cookies[COOKIE] = sent
    assert client.get("/person/").cookies[COOKIE].value == state_in_session(client)


def test_signed_out_state_does_not_pass_for_a_session(client, alice):
    signed_out = client.get("/person/").cookies[COOKIE].value
    sign_in(client)
    client.cookies[COOKIE] = signed_out
    assert client.get("/person/").cookies[COOKIE].value == state_in_session(client)


CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


def test_state_is_left_alone_where_the_browser_kept_the_session_cookie_back(client, client_factory, alice):
    state = sign_in(client).cookies[COOKIE].value
    frame = client_factory(headers=CROSS_SITE)
    frame.cookies[COOKIE] = state
    assert COOKIE not in frame.get("/person/").cookies


def test_signed_out_state_of_an_older_key_is_left_alone_there_too(client, client_factory, provider):
    state = client.get("/person/").cookies[COOKIE].value
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="another key")
    frame = client_factory(headers=CROSS_SITE)
    frame.cookies[COOKIE] = state
    assert COOKIE not in frame.get("/person/").cookies


@pytest.mark.parametrize("sent", TAMPERED, ids=lambda sent: sent[:8])
def test_tampered_cookie_is_replaced_there_too(client, sent):
    client.cookies[COOKIE] = sent
    assert client.get("/person/", headers=CROSS_SITE).cookies[COOKIE].value not in {"", sent}


def test_first_visit_from_another_site_gets_a_state(client):
    assert COOKIE in client.get("/person/", headers=CROSS_SITE).cookies


@pytest.mark.parametrize("samesite", ["None", "none"])
def test_state_is_replaced_where_the_session_cookie_would_have_come(client, alice, settings, samesite):
    client.cookies[COOKIE] = "s" * 43
    settings.SESSION_COOKIE_SAMESITE = samesite
    assert COOKIE in client.get("/person/", headers=CROSS_SITE).cookies


def test_session_from_before_this_app_gets_a_state_when_it_is_next_used(client, alice):
    sign_in(client)
    session = client.session
    del session[SESSION_ENTRY]
    session.save()
    assert client.get("/person/").cookies[COOKIE].value == state_in_session(client)


def test_session_that_ended_on_the_server_gives_a_signed_out_state(client, alice):
    signed_in = sign_in(client).cookies[COOKIE].value
    client.session.flush()
    assert client.get("/person/").cookies[COOKIE].value != signed_in


def test_requests_under_way_at_a_logout_leave_the_browser_in_one_state(client, client_factory, alice):
    signed_in = sign_in(client).cookies[COOKIE].value
    on_the_way = client_factory()
    on_the_way.cookies = deepcopy(client.cookies)
    after = client.post("/accounts/logout/").cookies[COOKIE].value
    assert on_the_way.get("/person/").cookies[COOKIE].value == after != signed_in


def test_state_after_a_logout_is_of_the_key(client, client_factory, provider, alice):
    sign_in(client)
    elsewhere = client_factory()
    elsewhere.cookies = deepcopy(client.cookies)
    after = client.post("/accounts/logout/").cookies[COOKIE].value
    provider(OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY="another-key-of-another-provider-than-ours")
    assert elsewhere.get("/person/").cookies[COOKIE].value.split(".")[0] != after.split(".")[0]


@pytest.mark.parametrize("sent", ["", "short", "a" * 43 + ".b", "é" * 43, "a" * 1000])
def test_what_is_no_state_is_followed_by_a_random_one(client, client_factory, sent):
    states = []
    for browser in (client, client_factory()):
        browser.cookies[COOKIE] = sent
        states.append(browser.get("/person/").cookies[COOKIE].value)
    assert states[0] != states[1]


def test_cookie_over_https_is_secure_for_all_sites_and_readable(client, alice):
    cookie = client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"}, secure=True).cookies[
        COOKIE
    ]
    assert (cookie["secure"], cookie["samesite"], cookie["httponly"]) == (True, "None", "")


def test_cookie_over_http_is_lax(client, alice):
    cookie = sign_in(client).cookies[COOKIE]
    assert (cookie["secure"], cookie["samesite"]) == ("", "Lax")


def test_cookie_has_the_session_cookies_path_domain_and_lifetime(client, alice, settings):
    settings.SESSION_COOKIE_PATH = "/o"
    settings.SESSION_COOKIE_DOMAIN = "op.example"
    settings.SESSION_COOKIE_AGE = 1234
    cookies = sign_in(client).cookies
    ours, theirs = cookies[COOKIE], cookies[settings.SESSION_COOKIE_NAME]
    for attribute in ("path", "domain", "max-age"):
        assert ours[attribute] == theirs[attribute]


@pytest.mark.parametrize("path", ["/accounts/login/", "/person/"])
def test_cookie_ends_with_the_browser_where_sessions_do(client, alice, settings, path):
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    response = client.post(path, {"username": "alice", "password": "demo-pass"})
    assert response.cookies[COOKIE]["max-age"] == ""


def test_cookie_name_is_a_setting(client, alice, provider):
    provider(OIDC_SESSION_MANAGEMENT_COOKIE_NAME="op_state")
    assert "op_state" in sign_in(client).cookies


def test_cookie_is_not_sent_anew_when_a_view_changes_the_session(client, alice):
    sign_in(client)
    assert COOKIE not in client.get("/modify/").cookies


def age_entry(client, seconds):
    """Let the cookie have been sent so many seconds earlier."""
    session = client.session
    state, ends = session[SESSION_ENTRY]
    session[SESSION_ENTRY] = [state, ends - seconds]
    session.save()


def test_cookie_follows_a_session_that_is_prolonged(client, alice, settings):
    settings.SESSION_COOKIE_AGE = 1000
    sign_in(client)
    age_entry(client, 200)
    response = client.get("/modify/")
    assert response.cookies[COOKIE].value == state_in_session(client)
    assert int(response.cookies[COOKIE]["max-age"]) == 1000
    assert COOKIE not in client.get("/modify/").cookies


def test_cookie_follows_a_session_saved_at_every_request(client, alice, settings):
    settings.SESSION_COOKIE_AGE = 1000
    settings.SESSION_SAVE_EVERY_REQUEST = True
    sign_in(client)
    assert COOKIE not in client.get("/person/").cookies
    age_entry(client, 200)
    assert int(client.get("/person/").cookies[COOKIE]["max-age"]) == 1000


def test_cookie_follows_a_session_that_comes_to_end_with_the_browser(client, alice, settings):
    sign_in(client)
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    assert client.get("/modify/").cookies[COOKIE]["max-age"] == ""


def test_cookie_that_the_browser_lost_is_restored_for_the_rest_of_the_session(client, alice, settings):
    settings.SESSION_COOKIE_AGE = 1000
    sign_in(client)
    age_entry(client, 600)
    del client.cookies[COOKIE]
    assert 395 <= int(client.get("/person/").cookies[COOKIE]["max-age"]) <= 400


def test_cookie_that_ended_just_before_its_session_lasts_a_little_longer(client, alice, settings):
    settings.SESSION_COOKIE_AGE = 1000
    sign_in(client)
    age_entry(client, 1050)
    del client.cookies[COOKIE]
    assert int(client.get("/person/").cookies[COOKIE]["max-age"]) == 100


def test_renew_says_when_the_cookie_ends(client, alice):
    sign_in(client)
    session = client.session
    browser_state.renew(session)
    assert session[SESSION_ENTRY][1] - time.time() == pytest.approx(session.get_expiry_age(), abs=5)
    assert session[SESSION_KEY] == str(alice.pk)
