"""RP-initiated logout through the whole stack: whom it asks, what it ends, where it leads."""

from urllib.parse import unquote

import pytest
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from oauth2_provider.models import AccessToken, IDToken, RefreshToken

from oidc_session import urls
from oidc_session.logout_mixin import RPInitiatedLogoutMixin
from oidc_session.models import Credential, EndReason, OPSession, RPSession
from tests.databases import captured_queries
from tests.logout import (
    BACK,
    BACK_WITH_QUERY,
    HOME,
    LOGOUT,
    NATIVE,
    REGISTERED,
    SECRET,
    answer,
    hidden_fields,
    hint,
    hint_of,
    is_question,
    is_signed_in,
    join,
    live_sessions,
    log_out,
    secret_key,
)
from tests.oidc import COOKIE, REDIRECT_URI, authorize, query_of
from tests.swappable import Application
from tests.test_urls import Dot, nothing_is_random  # noqa: F401 (a fixture)
from tests.views import person

CREDENTIALS = {"client_id": "sample rp", "client_secret": "demo-secret"}
PUNCTUATION = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logout_is_on(provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=True, OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False)


@pytest.fixture
def application(application):
    application.post_logout_redirect_uris = " ".join(REGISTERED)
    application.save()
    return application


@pytest.fixture
def rp_session(browser):
    return join(browser)


@pytest.fixture
def elsewhere(other_browser):
    return join(other_browser)


def tokens(browser, **changes):
    grant = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    code = query_of(authorize(browser, **changes))["code"]
    return browser.post("/o/token/", CREDENTIALS | grant | {"code": code}).json()


def refresh(client, tokens):
    return client.post("/o/token/", CREDENTIALS | {"grant_type": "refresh_token", **tokens})


# The browser's own session


def test_real_hint_logs_out_of_its_session(browser):
    response = log_out(browser, id_token_hint=tokens(browser)["id_token"], post_logout_redirect_uri=BACK)
    assert response["Location"] == BACK
    assert not is_signed_in(browser)
    assert OPSession.objects.get().end_reason == EndReason.RP_LOGOUT


@pytest.mark.parametrize("number", [1, 5])
def test_it_asks_fewer_than_twenty_queries_however_many_tokens_there_are(browser, number):
    hint = [tokens(browser)["id_token"] for _ in range(number)][-1]
    with captured_queries() as queries:
        log_out(browser, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert not is_signed_in(browser)
    assert len([query for query in queries if not query.startswith(("SAVEPOINT", "RELEASE"))]) < 20


def test_tokens_of_the_session_go_with_it(browser):
    issued = tokens(browser)
    log_out(browser, id_token_hint=issued["id_token"])
    assert refresh(browser, {"refresh_token": issued["refresh_token"]}).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()


def test_browser_state_changes(browser, rp_session):
    before = browser.cookies[COOKIE].value
    log_out(browser, id_token_hint=hint_of(rp_session))
    assert browser.cookies[COOKIE].value != before


def test_posted_request_logs_out_without_csrf_token(client_factory, alice, application):
    browser = client_factory(enforce_csrf_checks=True)
    browser.force_login(alice)
    response = browser.post(
        LOGOUT, {"id_token_hint": hint_of(join(browser)), "post_logout_redirect_uri": BACK, "state": "s"}
    )
    assert response["Location"] == f"{BACK}?state=s"
    assert not is_signed_in(browser)


def test_expired_hint_is_fine(browser, rp_session):
    log_out(browser, id_token_hint=hint_of(rp_session, exp=1))
    assert not is_signed_in(browser)


def test_expired_hint_asks_where_expired_ones_are_not_accepted(browser, rp_session, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ACCEPT_EXPIRED_TOKENS=False)
    expired = hint_of(rp_session, exp=1)
    assert is_question(log_out(browser, id_token_hint=expired))
    assert log_out(browser, id_token_hint=hint_of(rp_session))["Location"] == HOME


def test_hint_whose_row_is_gone_is_fine(browser):
    issued = tokens(browser)["id_token"]
    AccessToken.objects.all().delete()
    IDToken.objects.all().delete()
    log_out(browser, id_token_hint=issued)
    assert not is_signed_in(browser)


def test_session_that_was_ended_elsewhere_needs_no_question(browser, rp_session):
    OPSession.objects.update(ended_at=timezone.now())
    assert log_out(browser, id_token_hint=hint_of(rp_session))["Location"] == HOME
    assert not is_signed_in(browser)


def test_same_person_signing_in_again_keeps_the_hint_good(browser, rp_session, alice):
    browser.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    log_out(browser, id_token_hint=hint_of(rp_session))
    assert not is_signed_in(browser)


def test_hs256_hint_of_a_client_registered_for_it(browser, application):
    application.algorithm, application.client_secret = Application.HS256_ALGORITHM, SECRET
    application.hash_client_secret = False
    application.save()
    log_out(browser, id_token_hint=hint_of(join(browser), key=secret_key(), alg="HS256"))
    assert not is_signed_in(browser)


def test_always_prompt_asks_even_so(browser, rp_session, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=True)
    question = log_out(browser, id_token_hint=hint_of(rp_session), post_logout_redirect_uri=BACK)
    assert is_question(question)
    assert is_signed_in(browser)
    assert answer(browser, question, allow="Logout")["Location"] == BACK
    assert not is_signed_in(browser)


# Other sessions


def test_other_browsers_are_untouched(browser, rp_session, other_browser):
    issued = tokens(other_browser)
    log_out(browser, id_token_hint=hint_of(rp_session))
    assert is_signed_in(other_browser)
    assert refresh(other_browser, {"refresh_token": issued["refresh_token"]}).status_code == 200


def test_hint_of_another_browser_asks_and_yes_ends_the_browsers_own_session(browser, elsewhere, other_browser):
    question = log_out(browser, id_token_hint=hint_of(elsewhere), post_logout_redirect_uri=BACK)
    assert is_question(question)
    assert is_signed_in(browser)
    assert answer(browser, question, allow="Logout")["Location"] == BACK
    assert (is_signed_in(browser), is_signed_in(other_browser)) == (False, True)
    assert live_sessions() == {elsewhere.op_session}


def test_hint_of_another_person_asks(browser, bob, client_factory):
    bobs = client_factory()
    bobs.force_login(bob)
    question = log_out(browser, id_token_hint=hint_of(join(bobs)))
    assert is_question(question)
    answer(browser, question, allow="Logout")
    assert (is_signed_in(browser), is_signed_in(bobs)) == (False, True)


def test_hint_whose_session_is_gone_asks_who_is_signed_in(browser, rp_session):
    gone = hint_of(rp_session)
    RPSession.objects.all().delete()
    assert is_question(log_out(browser, id_token_hint=gone, post_logout_redirect_uri=BACK))


def test_sid_of_another_application_asks(browser, rp_session):
    Application.objects.create(
        client_id="another",
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
    )
    assert is_question(log_out(browser, id_token_hint=hint_of(rp_session, aud="another")))


@pytest.mark.parametrize("sid", ["", "unknown", "\ud800", "\0", 7, ["a"], {"a": 1}, True])
def test_strange_sid_asks(browser, sid):
    assert is_question(log_out(browser, id_token_hint=hint(sid=sid)))


def test_hint_without_sid_says_who(browser, alice, bob):
    assert is_question(log_out(browser, id_token_hint=hint(sub=str(bob.pk))))
    assert log_out(browser, id_token_hint=hint(sub=str(alice.pk)))["Location"] == HOME
    assert not is_signed_in(browser)


def test_person_who_signed_in_before_the_app_was_installed_is_logged_out(browser, alice):
    session = browser.session
    del session["_oidc_op_session"]
    session.save()
    log_out(browser, id_token_hint=hint(sub=str(alice.pk)))
    assert not is_signed_in(browser)


# Nobody signed in in this browser


@pytest.mark.django_db(transaction=True)
def test_hint_ends_its_session_where_nobody_is_signed_in(client_factory, elsewhere, other_browser):
    response = log_out(client_factory(), id_token_hint=hint_of(elsewhere), post_logout_redirect_uri=BACK)
    assert response["Location"] == BACK
    assert not is_signed_in(other_browser)
    assert live_sessions() == set()


@pytest.mark.django_db(transaction=True)
def test_hint_ends_no_session_unasked_with_always_prompt(client_factory, elsewhere, other_browser, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=True)
    stranger = client_factory()
    question = log_out(stranger, id_token_hint=hint_of(elsewhere))
    assert is_question(question)
    assert is_signed_in(other_browser)
    answer(stranger, question, allow="Logout")
    assert not is_signed_in(other_browser)


@pytest.mark.parametrize("always", [True, False])
def test_with_nothing_to_end_there_is_nothing_to_ask(client, application, provider, always):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=always)
    assert log_out(client)["Location"] == HOME
    assert log_out(client, client_id="sample rp", post_logout_redirect_uri=BACK)["Location"] == BACK


def test_session_that_has_ended_is_nothing_to_ask_about(client_factory, elsewhere, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=True)
    OPSession.objects.update(ended_at=timezone.now())
    assert log_out(client_factory(), id_token_hint=hint_of(elsewhere))["Location"] == HOME


def test_hint_without_sid_ends_nobodys_session(client_factory, browser, alice):
    assert log_out(client_factory(), id_token_hint=hint(sub=str(alice.pk)))["Location"] == HOME
    assert is_signed_in(browser)


def test_ended_session_is_left_as_it_ended(browser, rp_session, client_factory):
    browser.post("/accounts/logout/")
    assert log_out(client_factory(), id_token_hint=hint_of(rp_session))["Location"] == HOME
    assert OPSession.objects.get().end_reason == EndReason.LOGOUT


# Forged hints


def forged(alice):
    def unsigned():
        _header, claims, _ = hint(sub=str(alice.pk)).split(".")
        return f"eyJhbGciOiJub25lIn0.{claims}."

    return {
        "none": unsigned(),
        "client's secret": hint(key=secret_key("demo-secret" * 3), alg="HS256", sub=str(alice.pk)),
        "foreign issuer": hint(iss="https://evil.example", sub=str(alice.pk)),
        "logout token by its type": hint(typ="logout+jwt", sub=str(alice.pk)),
        "logout token by its events": hint(events={}, sub=str(alice.pk)),
        "unknown client": hint(aud="unknown", sub=str(alice.pk)),
        "unprintable client": hint(aud="a\0\ud800", sub=str(alice.pk)),
        "no sub": hint(sub=None),
        "garbage": "garbage",
        "deep": "W" * 100_000 + "." + "W1tb" * 50_000 + ".",
    }


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "client's secret",
        "foreign issuer",
        "logout token by its type",
        "logout token by its events",
        "unknown client",
        "unprintable client",
        "no sub",
        "garbage",
        "deep",
    ],
)
def test_forged_hint_asks_and_leads_nowhere(browser, alice, name):
    parameters = {"id_token_hint": forged(alice)[name], "post_logout_redirect_uri": BACK, "client_id": "sample rp"}
    question = browser.post(LOGOUT, parameters)
    assert is_question(question)
    assert is_signed_in(browser)
    assert answer(browser, question, allow="Logout")["Location"] == HOME
    assert not is_signed_in(browser)


def test_forged_hint_ends_no_session_elsewhere(client_factory, elsewhere, other_browser):
    log_out(client_factory(), id_token_hint=hint_of(elsewhere, events={}))
    assert is_signed_in(other_browser)


def test_client_id_that_is_not_the_hints_asks_and_leads_nowhere(browser, rp_session):
    parameters = {"id_token_hint": hint_of(rp_session), "client_id": "another", "post_logout_redirect_uri": BACK}
    question = log_out(browser, **parameters)
    assert is_question(question)
    assert answer(browser, question, allow="Logout")["Location"] == HOME


def test_client_id_that_is_the_hints(browser, rp_session):
    parameters = {"id_token_hint": hint_of(rp_session), "client_id": "sample rp", "post_logout_redirect_uri": BACK}
    assert log_out(browser, **parameters)["Location"] == BACK


# Where it leads


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        "https://rp.example/bye/",
        "https://rp.example/bye?x=1",
        "https://rp.example/bye#fragment",
        "https://rp.example/b\nye",
        "https://rp.example\\@evil.example/bye",
        "https://evil@rp.example/bye",
        " https://rp.example/bye",
        "//rp.example/bye",
        "/bye",
        "javascript:alert(1)",
        "http://[",
        "https://rp.example:port/bye",
        "nonsense",
        "\0",
    ],
)
def test_unregistered_redirect_uri_logs_out_all_the_same(browser, rp_session, uri):
    response = log_out(browser, id_token_hint=hint_of(rp_session), post_logout_redirect_uri=uri, state="s")
    assert response["Location"] == HOME
    assert not is_signed_in(browser)


def test_insecure_redirect_uri_of_a_public_client_is_refused_where_strict(browser, rp_session, provider, application):
    provider(OIDC_RP_INITIATED_LOGOUT_STRICT_REDIRECT_URIS=True)
    application.client_type = Application.CLIENT_PUBLIC
    application.post_logout_redirect_uris = "http://rp.example/bye"
    application.save()
    uri = "http://rp.example/bye"
    assert log_out(browser, id_token_hint=hint_of(rp_session), post_logout_redirect_uri=uri)["Location"] == HOME


@pytest.mark.parametrize("uri", REGISTERED)
@pytest.mark.parametrize("state", [PUNCTUATION, "%20+%", "é€𝄞", "\r\n\t", "\0", "a", "x" * 5000])
@pytest.mark.parametrize("method", ["get", "post"])
def test_state_comes_back_to_the_byte(browser, rp_session, uri, state, method):
    parameters = {"id_token_hint": hint_of(rp_session), "post_logout_redirect_uri": uri, "state": state}
    location = getattr(browser, method)(LOGOUT, parameters)["Location"]
    start, _, returned = location.partition("state=")
    assert start == uri + ("&" if "?" in uri else "?")
    assert "+" not in returned
    assert unquote(returned) == state


@pytest.mark.parametrize("uri", REGISTERED)
@pytest.mark.parametrize("parameters", [{}, {"state": ""}])
def test_without_state_nothing_is_added(browser, rp_session, uri, parameters):
    response = log_out(browser, id_token_hint=hint_of(rp_session), post_logout_redirect_uri=uri, **parameters)
    assert response["Location"] == uri


def test_redirect_uri_in_other_scripts_is_encoded(browser, rp_session, application):
    application.post_logout_redirect_uris = "https://rp.example/é"
    application.save()
    uri = "https://rp.example/é"
    response = log_out(browser, id_token_hint=hint_of(rp_session), post_logout_redirect_uri=uri)
    assert response["Location"] == "https://rp.example/%C3%A9"


def test_state_survives_the_question(browser):
    parameters = {"client_id": "sample rp", "post_logout_redirect_uri": BACK_WITH_QUERY, "state": PUNCTUATION}
    location = answer(browser, browser.post(LOGOUT, parameters), allow="Logout")["Location"]
    assert unquote(location.partition("&state=")[2]) == PUNCTUATION


def test_state_of_a_question_by_get_is_read_from_the_address_again(browser):
    """Forms make CR LF of a line feed; the question's form is posted to the address that it stands at."""
    address = f"{LOGOUT}?client_id=sample%20rp&post_logout_redirect_uri=my.app:/bye&state=%0A"
    browser_sends = hidden_fields(browser.get(address)) | {"state": "\r\n", "allow": "Logout"}
    assert browser.post(address, browser_sends)["Location"] == f"{NATIVE}?state=%0A"


@override_settings(LOGOUT_REDIRECT_URL="/untouched/")
def test_home_is_where_django_says(browser, rp_session):
    assert log_out(browser, id_token_hint=hint_of(rp_session))["Location"] == f"{HOME}untouched/"


# The question


def test_request_without_hint_asks(browser):
    question = log_out(browser)
    assert is_question(question)
    assert is_signed_in(browser)
    assert (question["Cache-Control"], question["X-Frame-Options"]) == ("no-store", "DENY")


def test_question_names_the_application_and_keeps_the_request(browser):
    question = log_out(browser, client_id="sample rp", post_logout_redirect_uri=BACK, logout_hint="a", ui_locales="fr")
    assert "<strong>Sample</strong> asks to sign you out." in question.content.decode()
    fields = hidden_fields(question)
    assert (fields["client_id"], fields["post_logout_redirect_uri"]) == ("sample rp", BACK)
    assert (fields["logout_hint"], fields["ui_locales"]) == ("a", "fr")


def test_no_stays_signed_in_and_leads_nowhere(browser):
    question = log_out(browser, client_id="sample rp", post_logout_redirect_uri=BACK, state="s")
    response = answer(browser, question)
    assert response.status_code == 200
    assert "Sample asked to sign you out here" in response.content.decode()
    assert is_signed_in(browser)


def test_no_to_nobody_in_particular(browser):
    assert "You are still signed in" in answer(browser, log_out(browser)).content.decode()


def test_answer_cannot_stand_in_the_address(browser):
    address = f"{LOGOUT}?allow=Logout"
    answer(browser, browser.get(address), url=address)
    assert is_signed_in(browser)


def test_answer_needs_its_csrf_token(client_factory, alice, application):
    browser = client_factory(enforce_csrf_checks=True)
    browser.force_login(alice)
    for forged_answer in ({"allow": "Logout"}, {"csrfmiddlewaretoken": "a" * 64, "allow": "Logout"}):
        assert browser.post(LOGOUT, forged_answer).status_code == 403
    assert browser.post(LOGOUT, {}, headers={"X-CSRFToken": "a" * 64}).status_code == 403
    assert is_signed_in(browser)
    answer(browser, log_out(browser), allow="Logout")
    assert not is_signed_in(browser)


# A cookie that the browser keeps back


CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


def test_posted_request_without_cookie_is_sent_round_by_get(browser, rp_session, client_factory):
    parameters = {"id_token_hint": hint_of(rp_session), "post_logout_redirect_uri": BACK, "state": PUNCTUATION}
    response = client_factory(headers=CROSS_SITE).post(LOGOUT, parameters)
    assert response.status_code == 303
    assert is_signed_in(browser)
    location = browser.get(f"{LOGOUT}{response['Location']}", headers=CROSS_SITE)["Location"]
    assert unquote(location.partition("?state=")[2]) == PUNCTUATION
    assert not is_signed_in(browser)


@pytest.mark.django_db(transaction=True)
def test_request_too_long_for_an_address_ends_the_hints_session(browser, rp_session, client_factory):
    parameters = {"id_token_hint": hint_of(rp_session, groups=["a group"] * 1000), "post_logout_redirect_uri": BACK}
    assert client_factory(headers=CROSS_SITE).post(LOGOUT, parameters)["Location"] == BACK
    assert not is_signed_in(browser)


# Settings, cost


def test_tokens_outlive_the_session_without_delete_tokens(browser, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_DELETE_TOKENS=False)
    issued = tokens(browser)
    code = query_of(authorize(browser))["code"]
    log_out(browser, id_token_hint=issued["id_token"])
    assert live_sessions() == set()
    assert refresh(browser, {"refresh_token": issued["refresh_token"]}).status_code == 200
    grant = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code": code}
    assert browser.post("/o/token/", CREDENTIALS | grant).json()["error"] == "invalid_grant"


def test_endpoint_is_off_where_dots_setting_is(browser, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=False)
    assert log_out(browser).status_code == 404
    assert browser.post(LOGOUT).status_code == 404


def make_tokens(alice, application, op_session, count):
    """Give a person tokens in another session, as many as that."""
    expires = timezone.now() + timezone.timedelta(hours=1)
    rp_session = RPSession.objects.create(op_session=op_session, application=application)
    for number in range(count):
        access_token = AccessToken.objects.create(
            user=alice, application=application, token=f"{op_session.pk} {number}", expires=expires, scope="openid"
        )
        RefreshToken.objects.create(
            user=alice, application=application, token=str(access_token), access_token=access_token
        )
        Credential.objects.create(rp_session=rp_session, kind=Credential.Kind.ACCESS_TOKEN, key=str(access_token.pk))


@pytest.mark.parametrize("asked", [True, False])
def test_cost_does_not_depend_on_tokens_of_other_sessions(client_factory, alice, application, asked):
    costs = []
    for count in (1, 200):
        browser = client_factory()
        browser.force_login(alice)
        parameters = {} if asked else {"id_token_hint": hint_of(join(browser))}
        other = OPSession.objects.create(user=alice, expires_at=timezone.now())
        make_tokens(alice, application, other, count)
        with captured_queries() as queries:
            browser.post(LOGOUT, parameters | ({"allow": "Logout"} if asked else {}))
        assert not is_signed_in(browser)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16
    assert AccessToken.objects.count() == 201


# A project's own


class OwnView(RPInitiatedLogoutMixin, urls.views.views.RPInitiatedLogoutView):
    def get_home_url(self):
        return "/modify/"

    def must_ask(self, form):
        return False


class DotWithPerson:
    urlpatterns = [*Dot.urlpatterns, path("person/", person)]


class OwnUrls:
    urlpatterns = [
        path("o/logout/", OwnView.as_view()),
        path("o/", include(urls)),
        path("person/", person),
    ]


@override_settings(ROOT_URLCONF=OwnUrls)
def test_subclass_decides_whom_to_ask_and_where_home_is(browser):
    assert log_out(browser)["Location"] == "/modify/"
    assert not is_signed_in(browser)


# Off


def answers(alice):
    """Return what a browser gets for all kinds of requests, with and without Django's CSRF check."""
    for parameters in (
        {},
        {"allow": "Logout"},
        {"id_token_hint": "garbage"},
        {"client_id": "sample rp"},
        {"client_id": "sample rp", "post_logout_redirect_uri": BACK, "state": "a+b", "allow": "Logout"},
        {"client_id": "sample rp", "post_logout_redirect_uri": "https://evil.example/"},
    ):
        for method in ("get", "post"):
            for enforce_csrf_checks in (True, False):
                browser = Client(enforce_csrf_checks=enforce_csrf_checks)
                browser.force_login(alice)
                response = getattr(browser, method)(LOGOUT, parameters)
                yield response.status_code, dict(response.headers), response.content, is_signed_in(browser)


@pytest.mark.usefixtures("nothing_is_random", "application")
def test_feature_off_dot_answers(alice, provider, settings):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    ours = list(answers(alice))
    settings.ROOT_URLCONF = DotWithPerson
    assert list(answers(alice)) == ours
    assert {status for status, *_ in ours} == {200, 302, 400, 403}
