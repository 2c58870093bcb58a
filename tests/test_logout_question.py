"""The question of the logout endpoint, and what each of its answers ends."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from oidc_session import rp_sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.logout import (
    BACK,
    HOME,
    LOGOUT,
    REGISTERED,
    answer,
    hint_of,
    is_question,
    is_signed_in,
    join,
    live_sessions,
    log_out,
)
from tests.notices import application_at
from tests.oidc import REDIRECT_URI, authorize, query_of
from tests.signed_out_page import frames, goes_on_to, wants_a_frame

pytestmark = pytest.mark.django_db

ASKED = {"client_id": "sample rp", "post_logout_redirect_uri": BACK, "state": "a state"}
WENT_BACK = f"{BACK}?state=a%20state"


@pytest.fixture(autouse=True)
def logout_is_on(provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ENABLED=True, OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False)


@pytest.fixture
def application(application):
    application.post_logout_redirect_uris = " ".join(REGISTERED)
    application.save()
    return application


@pytest.fixture
def wiki(db):
    return application_at("", "wiki", name="Wiki")


@pytest.fixture
def browser(client, alice, application, wiki):
    client.force_login(alice)
    join(client)
    join(client, "wiki")
    return client


@pytest.fixture
def elsewhere(browser, other_browser):
    return join(other_browser).op_session


def answers(question):
    return re.findall(r'<button [^>]*name="allow" value="(\w+)"', question.content.decode())


def text(response):
    body = response.content.decode().split("<body", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def live_applications():
    live = RPSession.objects.filter(ended_at=None, op_session__ended_at=None)
    return sorted(live.values_list("application__client_id", flat=True))


# The question


def test_it_names_the_application_the_person_and_what_they_use_here(browser):
    question = log_out(browser, **ASKED)
    assert "Sample asks to sign you out. You are signed in as alice ." in text(question)
    assert "in the applications that you use here: Sample , Wiki ." in text(question)
    assert "Only Sample" in text(question)


def test_this_browser_comes_first_for_who_presses_return(browser):
    assert answers(log_out(browser, **ASKED)) == ["browser", "application", "everywhere"]


def test_application_that_is_not_used_here_can_not_be_left_alone(client, alice, application):
    client.force_login(alice)
    assert answers(log_out(client, **ASKED)) == ["browser", "everywhere"]


def test_who_names_no_application_is_asked_as_well(browser):
    assert answers(log_out(browser)) == ["browser", "everywhere"]


def test_applications_are_not_told_to_who_is_not_signed_in(client_factory, browser, provider):
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=True)
    stranger = client_factory()
    question = log_out(stranger, id_token_hint=hint_of(RPSession.objects.get(application__client_id="wiki")))
    assert answers(question) == ["browser"]
    assert "Sample" not in text(question)
    assert "alice" not in text(question)


def test_markup_in_a_name_is_shown_as_text(browser, application):
    application.name = '<img src=x onerror="alert(1)">'
    application.save()
    page = log_out(browser, **ASKED).content.decode()
    assert "<img" not in page
    assert page.count("&lt;img") == 3


# This application


def test_only_the_application_that_asks_is_left_and_gets_its_redirect(browser, elsewhere):
    question = log_out(browser, **ASKED)
    assert answer(browser, question, allow="application")["Location"] == WENT_BACK
    assert is_signed_in(browser)
    assert live_applications() == ["sample rp", "wiki"]
    assert RPSession.objects.get(application__client_id="sample rp", ended_at=None).op_session == elsewhere


def test_its_tokens_are_revoked(browser):
    grant = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    credentials = {"client_id": "sample rp", "client_secret": "demo-secret"}
    browser.post("/o/token/", grant | credentials | {"code": query_of(authorize(browser))["code"]})
    answer(browser, log_out(browser, **ASKED), allow="application")
    assert not AccessToken.objects.exists()


def test_it_alone_is_told(browser, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    answer(browser, log_out(browser, **ASKED), allow="application")
    assert LogoutNotice.objects.get().client_id == "sample rp"


def test_it_is_told_in_the_browser_before_it_goes_on(browser, application, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    wants_a_frame(application)
    page = answer(browser, log_out(browser, **ASKED), allow="application")
    assert "Signing you out of Sample" in text(page)
    assert len(frames(page)) == 1
    assert set(goes_on_to(page).values()) == {WENT_BACK}
    assert is_signed_in(browser)


def test_without_redirect_uri_it_says_so(browser):
    page = answer(browser, log_out(browser, client_id="sample rp"), allow="application")
    assert "You are still signed in. You chose to sign out of Sample alone." in text(page)
    assert live_applications() == ["wiki"]


def test_without_redirect_uri_it_says_what_the_application_answered(browser, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    page = answer(browser, log_out(browser, client_id="sample rp"), allow="application")
    assert "Signing you out of Sample" in text(page)
    assert "could not be told" in text(page)


def test_answered_twice_it_ends_once_and_leads_to_the_same_place(browser, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    question = log_out(browser, **ASKED)
    first, second = (answer(browser, question, allow="application")["Location"] for _ in range(2))
    assert first == second == WENT_BACK
    assert LogoutNotice.objects.count() == 1


def test_forged_answer_without_application_ends_nothing(browser):
    before = live_applications()
    assert "You are still signed in." in text(answer(browser, log_out(browser), allow="application"))
    assert live_applications() == before


def test_application_of_a_session_that_ended_meanwhile_is_not_told_again(browser, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    question = log_out(browser, **ASKED)
    OPSession.objects.update(ended_at=timezone.now())
    answer(browser, question, allow="application")
    assert not LogoutNotice.objects.exists()


def test_it_can_be_joined_again(browser):
    answer(browser, log_out(browser, **ASKED), allow="application")
    assert join(browser).ended_at is None
    assert live_applications() == ["sample rp", "wiki"]


# This browser


@pytest.mark.parametrize("said", ["browser", "Logout", "true", "on"])
def test_this_browser_is_logged_out_and_no_other(browser, elsewhere, said):
    assert answer(browser, log_out(browser, **ASKED), allow=said)["Location"] == WENT_BACK
    assert not is_signed_in(browser)
    assert live_sessions() == {elsewhere}


@pytest.mark.parametrize("said", [{}, {"allow": ""}, {"allow": "False"}, {"allow": "0"}])
def test_who_stays_stays(browser, said):
    assert "you chose to stay" in text(answer(browser, log_out(browser, **ASKED), **said))
    assert live_applications() == ["sample rp", "wiki"]


# All devices


def test_all_devices_are_logged_out(browser, elsewhere, client_factory, bob):
    of_bob = client_factory()
    of_bob.force_login(bob)
    assert answer(browser, log_out(browser, **ASKED), allow="everywhere")["Location"] == WENT_BACK
    assert not is_signed_in(browser)
    assert [session.user for session in live_sessions()] == [bob]
    assert OPSession.objects.get(pk=elsewhere.pk).end_reason == EndReason.RP_LOGOUT


def test_login_of_long_ago_is_asked_for_again_and_then_the_question(browser, elsewhere):
    OPSession.objects.update(auth_time=timezone.now() - timedelta(seconds=901))
    asked = answer(browser, log_out(browser, **ASKED), allow="everywhere")
    assert urlsplit(asked["Location"]).path == "/accounts/login/"
    assert elsewhere in live_sessions()
    browser.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    question = browser.get(parse_qs(urlsplit(asked["Location"]).query)["next"][0])
    assert is_question(question)
    assert answer(browser, question, allow="everywhere")["Location"] == WENT_BACK
    assert not live_sessions()


def test_question_after_the_login_is_asked_of_who_signed_in(browser, bob, provider):
    """With the hint the other person would be logged out unasked."""
    provider(OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=True)
    OPSession.objects.update(auth_time=timezone.now() - timedelta(seconds=901))
    hint = hint_of(RPSession.objects.get(application__client_id="sample rp"))
    asked = answer(browser, log_out(browser, id_token_hint=hint), allow="everywhere")
    assert parse_qs(urlsplit(asked["Location"]).query)["next"] == [f"{LOGOUT}?client_id=sample+rp"]


def test_who_was_signed_out_meanwhile_goes_on(browser, elsewhere):
    question = log_out(browser, **ASKED)
    OPSession.objects.exclude(pk=elsewhere.pk).update(ended_at=timezone.now())
    assert answer(browser, question, allow="everywhere")["Location"] == WENT_BACK
    assert live_sessions() == {elsewhere}


def test_unregistered_redirect_uri_is_not_followed_by_any_answer(browser):
    asked = ASKED | {"post_logout_redirect_uri": "https://evil.example/"}
    assert "evil" not in answer(browser, log_out(browser, **asked), allow="application").content.decode()
    assert answer(browser, log_out(browser, **asked), allow="everywhere")["Location"] == HOME


@pytest.mark.parametrize("said", ["application", "browser", "everywhere"])
def test_answer_without_csrf_token_is_refused(client_factory, alice, browser, said):
    checking = client_factory(enforce_csrf_checks=True)
    checking.force_login(alice)
    assert checking.post(LOGOUT, ASKED | {"allow": said}).status_code == 403
    assert live_applications() == ["sample rp", "wiki"]


def test_own_template_of_a_project_with_yes_and_no_goes_on_working(browser):
    rp_sessions.end(RPSession.objects.get(application__client_id="wiki"), tell=lambda keys: None)
    assert answer(browser, log_out(browser, **ASKED), allow="Logout")["Location"] == WENT_BACK
    assert live_applications() == []
