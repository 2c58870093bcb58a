"""The page of a person's sessions: what it shows, what its buttons do, and to whom."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone, translation
from oauth2_provider.models import AccessToken

from oidc_session import rp_sessions, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession, RPSession
from tests.databases import captured_queries, committed
from tests.logout import is_signed_in, join
from tests.notices import application_at
from tests.oidc import REDIRECT_URI, authorize, query_of
from tests.signed_out_page import frames, goes_on_to, wants_a_frame

PAGE = "/sessions/"
ELSE, EVERYWHERE = f"{PAGE}everywhere-else/end/", f"{PAGE}everywhere/end/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
MAYBE = ": you may still be signed in there"
LOGIN_MIDDLEWARE = "django.contrib.auth.middleware.LoginRequiredMiddleware"

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_browser(client_factory, alice, application):
    client = client_factory(headers={"user-agent": FIREFOX})
    sign_in(client)
    return client


@pytest.fixture
def elsewhere(browser, other_browser):
    """The session of the same person's other browser, in which they use the application."""
    return join(other_browser).op_session


@pytest.fixture
def sessions_of_bob(client_factory, bob, application):
    client = client_factory()
    client.force_login(bob)
    return join(client)


def sign_in(client, name="alice"):
    return client.post("/accounts/login/", {"username": name, "password": "demo-pass"})


def own_session(client):
    return OPSession.objects.get(pk=client.session["_oidc_op_session"][0])


def age(client, seconds):
    OPSession.objects.filter(pk=own_session(client).pk).update(auth_time=timezone.now() - timedelta(seconds=seconds))


def end_url(session):
    return f"{PAGE}{session.pk}/end/"


def application_url(rp_session):
    return f"{PAGE}applications/{rp_session.pk}/end/"


def text(response):
    """Return what a person reads."""
    body = response.content.decode().split("<body", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def result(client, response):
    """Return what the page says to which an answer leads."""
    assert (response.status_code, response["Location"]) == (302, PAGE)
    found = re.search(r'role="status">([^<]*)<', client.get(PAGE).content.decode())
    return found and html.unescape(found[1])


def buttons(response):
    return [
        html.unescape(url) for url in re.findall(r'<form[^>]* action="(/sessions/[^"]*)"', response.content.decode())
    ]


def is_live(session):
    return OPSession.objects.live().filter(pk=session.pk).exists()


# Who sees it


def test_who_is_signed_in_nowhere_is_sent_to_the_login_page_and_back(client, db):
    assert client.get(f"{PAGE}?page=2")["Location"] == "/accounts/login/?next=/sessions/%3Fpage%3D2"


def test_absolute_login_url_is_given_an_absolute_way_back(client, db, settings):
    settings.LOGIN_URL = "https://login.example/"
    assert client.get(PAGE)["Location"] == "https://login.example/?next=http%3A//testserver/sessions/"


@pytest.mark.parametrize("url", [PAGE, f"{PAGE}1/end/", f"{PAGE}applications/1/end/", ELSE, EVERYWHERE])
@pytest.mark.parametrize("method", ["get", "post"])
def test_with_sessions_off_there_is_no_such_page(browser, provider, settings, url, method):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_MIDDLEWARE]
    assert getattr(browser, method)(url).status_code == 404


def test_login_required_middleware_changes_nothing(client, browser, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN_MIDDLEWARE]
    assert browser.get(PAGE).status_code == 200
    browser.logout()
    assert browser.get(PAGE)["Location"] == "/accounts/login/?next=/sessions/"


def test_session_that_was_ended_elsewhere_is_shown_nothing(browser):
    OPSession.objects.update(ended_at=timezone.now())
    assert browser.get(PAGE)["Location"].startswith("/accounts/login/")


def test_pages_are_kept_in_no_cache_and_in_no_frame(browser):
    for url in (PAGE, EVERYWHERE, ELSE):
        response = browser.get(url)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in browser.post(end_url(own_session(browser)))["Cache-Control"]


# What it shows


def test_each_browser_is_named_with_its_applications_and_this_one_first(browser, elsewhere):
    page = browser.get(PAGE)
    shown = text(page)
    assert shown.index("A browser This browser") < shown.index("Firefox on Windows")
    assert "From 127.0.0.1" in shown
    assert shown.index("Firefox on Windows") < shown.index("Applications Sample")
    assert page.content.count(b"data-this-browser") == 1
    joined = elsewhere.rp_sessions.get()
    assert set(buttons(page)) == {
        end_url(own_session(browser)),
        end_url(elsewhere),
        application_url(joined),
        ELSE,
        EVERYWHERE,
    }


def test_who_is_signed_in_here_alone_has_no_elsewhere(browser):
    assert ELSE not in buttons(browser.get(PAGE))


def test_sessions_of_somebody_else_are_not_there(browser, sessions_of_bob):
    assert end_url(sessions_of_bob.op_session) not in buttons(browser.get(PAGE))
    assert len(persons(browser)) == 1


def persons(browser):
    return browser.get(PAGE).context["sessions"].object_list


def test_times_are_the_persons(browser):
    OPSession.objects.update(started_at="2026-01-02T23:30:00Z")
    with timezone.override("Asia/Kolkata"):
        page = browser.get(PAGE).content.decode()
    assert '<time datetime="2026-01-03T05:00:00+05:30">Jan. 3, 2026, 5 a.m.</time>' in page


def test_page_is_in_the_persons_language(browser):
    with translation.override("ar"):
        assert b'<html lang="ar" dir="rtl">' in browser.get(PAGE, headers={"accept-language": "ar"}).content


def test_what_is_not_stored_is_not_shown(client, alice, provider):
    provider(OIDC_SESSION_STORE_USER_AGENT=False, OIDC_SESSION_STORE_ADDRESS=False)
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"}, headers={"user-agent": FIREFOX})
    shown = text(client.get(PAGE))
    assert "A browser This browser" in shown
    assert "Firefox" not in shown
    assert "127.0.0.1" not in shown


def test_address_is_the_connections_whatever_headers_say(client_factory, alice):
    client = client_factory(headers={"x-forwarded-for": "203.0.113.7", "x-real-ip": "203.0.113.8"})
    sign_in(client)
    assert "From 127.0.0.1" in text(client.get(PAGE))
    assert "203.0.113" not in text(client.get(PAGE))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title>{{ 7|add:7 }}"]
)
def test_markup_is_shown_as_text(client_factory, alice, application, name):
    client = client_factory(headers={"user-agent": name})
    sign_in(client)
    application.name = name
    application.save()
    rp_session = join(client)
    rp_sessions.end(rp_session, tell=lambda keys: None)
    join(client)
    page = client.get(PAGE)
    assert name not in page.content.decode()
    assert page.content.decode().count(html.escape(name)) >= 2


def test_user_agent_of_ten_thousand_characters_is_stored_and_shown_shortened(client_factory, alice):
    client = client_factory(headers={"user-agent": "x" * 10_000})
    sign_in(client)
    assert len(own_session(client).user_agent) == 255
    assert re.search(r"x{59}…", client.get(PAGE).content.decode())
    assert "x" * 61 not in client.get(PAGE).content.decode()


def test_application_without_a_name_is_called_by_its_client_id(browser, application):
    application.name = ""
    application.save()
    join(browser)
    assert "Applications sample rp Sign out" in text(browser.get(PAGE))


def test_what_has_ended_is_shown_for_thirty_days_with_reason_and_answer(browser, elsewhere, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    sessions.end(elsewhere, EndReason.ADMIN)
    shown = text(browser.get(PAGE))
    assert "An administrator ended it. Sample has no logout URI: you may still be signed in there" in shown
    OPSession.objects.filter(pk=elsewhere.pk).update(ended_at=timezone.now() - timedelta(days=30, seconds=1))
    assert "Nothing has ended lately." in text(browser.get(PAGE))


@pytest.mark.parametrize("reason", EndReason)
def test_every_reason_has_words(browser, elsewhere, reason):
    sessions.end(elsewhere, reason)
    [seen] = browser.get(PAGE).context["ended_sessions"]
    assert len(seen.reason) > 10


def test_answer_to_an_earlier_logout_of_the_session_is_not_told(browser, provider, application):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    rp_sessions.end(join(browser), tell=lambda keys: None)
    rp_sessions.end(join(browser), tell=lambda keys: None)
    LogoutNotice.objects.filter(sid=RPSession.objects.get().sid).update(state="failed", problem="timeout")
    assert "Ended here Sample did not answer" in text(browser.get(PAGE))


def test_session_that_has_expired_meanwhile_is_shown_as_ended(browser, elsewhere, other_browser):
    other_browser.session.flush()
    OPSession.objects.filter(pk=elsewhere.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "It expired." in text(browser.get(PAGE))


# How much it costs


def crowd(user, application, number, **fields):
    fields = {"expires_at": timezone.now() + timedelta(days=1)} | fields
    rows = [OPSession(user=user, **fields) for _ in range(number)]
    for row in OPSession.objects.bulk_create(rows):
        RPSession.objects.create(op_session=row, application=application)


def queries_of_page(browser):
    with captured_queries() as queries:
        assert browser.get(PAGE).status_code == 200
    return len(queries)


def test_three_hundred_sessions_cost_as_many_queries_as_three(browser, alice, application):
    ended = {"ended_at": timezone.now(), "end_reason": EndReason.EXPIRED}
    crowd(alice, application, 2)
    crowd(alice, application, 3, **ended)
    few = queries_of_page(browser)
    crowd(alice, application, 300)
    crowd(alice, application, 300, **ended)
    assert queries_of_page(browser) == few


def test_twenty_expired_sessions_cost_as_many_queries_as_two(browser, alice, application):
    def queries_with_expired(number):
        crowd(alice, application, number, expires_at=timezone.now())
        return queries_of_page(browser)

    crowd(alice, application, 2)
    assert queries_with_expired(2) == queries_with_expired(20)
    assert OPSession.objects.live().count() == 3


def test_many_sessions_are_shown_page_by_page(browser, alice, application):
    crowd(alice, application, 30)
    first, second = browser.get(PAGE), browser.get(f"{PAGE}?page=2")
    assert "Page 1 of 2 Next" in text(first)
    assert "Previous Page 2 of 2" in text(second)
    assert len({url for page in (first, second) for url in buttons(page) if re.match(r"/sessions/\d+/", url)}) == 31
    assert b"data-this-browser" not in second.content


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "1e9", "9" * 5000])
def test_odd_page_is_a_page(browser, alice, application, page):
    assert browser.get(PAGE, {"page": page}).status_code == 200


# Sign out of one application


def test_application_is_signed_out_and_the_rest_stays(browser, elsewhere):
    here, there = join(browser), elsewhere.rp_sessions.get()
    assert result(browser, browser.post(application_url(there))) == f"Sample was not told{MAYBE}."
    there.refresh_from_db()
    here.refresh_from_db()
    assert there.ended_at
    assert here.ended_at is None
    assert is_live(elsewhere)
    assert "Ended here Sample" in text(browser.get(PAGE))


def test_its_tokens_are_revoked(browser, application):
    grant = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    credentials = {"client_id": "sample rp", "client_secret": "demo-secret"}
    browser.post("/o/token/", grant | credentials | {"code": query_of(authorize(browser))["code"]})
    assert AccessToken.objects.count() == 1
    browser.post(application_url(RPSession.objects.get()))
    assert not AccessToken.objects.exists()
    assert is_signed_in(browser)


def test_it_is_told(browser, provider, application):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    another = application_at("", "rp-2")
    rp_session = join(browser)
    join(browser, another.client_id)
    browser.post(application_url(rp_session))
    assert LogoutNotice.objects.get().client_id == "sample rp"


def test_clicking_twice_says_the_same_and_tells_once(browser, elsewhere, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    url = application_url(elsewhere.rp_sessions.get())
    first, second = (result(browser, browser.post(url)) for _ in range(2))
    assert first == second == f"Sample has no logout URI{MAYBE}."
    assert LogoutNotice.objects.count() == 1


def test_application_of_an_ended_session_is_told_no_more(browser, elsewhere, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    sessions.end(elsewhere, EndReason.ADMIN)
    assert result(browser, browser.post(application_url(elsewhere.rp_sessions.get())))
    assert LogoutNotice.objects.count() == 1


def test_application_that_is_told_in_the_browser_is_told_in_this_one(browser, provider, application):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    wants_a_frame(application)
    page = browser.post(application_url(join(browser)))
    assert "Signing you out of Sample" in text(page)
    assert len(frames(page)) == 1
    assert set(goes_on_to(page).values()) == {PAGE}
    assert is_signed_in(browser)
    assert "Sample was asked to sign you out in that browser." in text(browser.get(PAGE))


def test_application_in_another_browser_gets_no_frame_in_this_one(browser, elsewhere, provider, application):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    wants_a_frame(application)
    assert result(browser, browser.post(application_url(elsewhere.rp_sessions.get())))
    assert "can be told in its browser alone" in text(browser.get(PAGE))


# Sign out of one browser


def test_other_browser_is_signed_out(browser, other_browser, elsewhere):
    with committed(execute=True):
        assert result(browser, browser.post(end_url(elsewhere))) == "You are signed out of that browser."
    assert not is_signed_in(other_browser)
    assert is_signed_in(browser)
    assert OPSession.objects.get(pk=elsewhere.pk).end_reason == EndReason.USER


def test_ending_what_has_ended_says_the_same_and_changes_nothing(browser, elsewhere):
    sessions.end(elsewhere, EndReason.ADMIN)
    assert result(browser, browser.post(end_url(elsewhere))) == "You are signed out of that browser."
    assert OPSession.objects.get(pk=elsewhere.pk).end_reason == EndReason.ADMIN


def test_this_browser_is_signed_out_and_goes_to_the_start_page(browser, elsewhere):
    own = own_session(browser)
    assert browser.post(end_url(own))["Location"] == "http://testserver/"
    assert not is_signed_in(browser)
    assert is_live(elsewhere)
    assert OPSession.objects.get(pk=own.pk).end_reason == EndReason.USER


def test_this_browser_is_shown_the_page_after_a_logout_even_twice(browser, provider, application):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    wants_a_frame(application)
    url, cookies = end_url(join(browser).op_session), browser.cookies.copy()
    first = browser.post(url)
    browser.cookies = cookies  # A double click: the answer to the first has not come.
    second = browser.post(url)
    assert "You are signed out" in text(first)
    assert frames(first) == frames(second) != []


def test_second_click_without_anything_to_tell_leads_where_the_first_did(browser):
    url, cookies = end_url(own_session(browser)), browser.cookies.copy()
    first = browser.post(url)["Location"]
    browser.cookies = cookies
    assert browser.post(url)["Location"] == first


# Everywhere


def test_everywhere_else_leaves_this_browser(browser, other_browser, elsewhere, sessions_of_bob):
    with committed(execute=True):
        assert result(browser, browser.post(ELSE)) == "You are signed out of 1 other browser."
    assert not is_signed_in(other_browser)
    assert is_signed_in(browser)
    assert is_live(sessions_of_bob.op_session)
    assert result(browser, browser.post(ELSE)) == "You are signed in nowhere else."


def test_everywhere_else_clicked_twice_says_the_same(browser, elsewhere):
    browser.post(ELSE)
    assert result(browser, browser.post(ELSE)) == "You are signed out of 1 other browser."


def test_everywhere_is_here_as_well(browser, other_browser, elsewhere, sessions_of_bob):
    with committed(execute=True):
        assert browser.post(EVERYWHERE)["Location"] == "http://testserver/"
    assert not is_signed_in(other_browser)
    assert not is_signed_in(browser)
    assert set(OPSession.objects.live()) == {sessions_of_bob.op_session}


@pytest.mark.parametrize("url", [ELSE, EVERYWHERE])
def test_login_of_long_ago_is_asked_for_again_and_then_the_question(browser, other_browser, elsewhere, url):
    age(browser, 901)
    asked = browser.post(url)
    assert asked["Location"] == f"/accounts/login/?next={url}"
    assert is_live(elsewhere)
    sign_in(browser)
    question = browser.get(parse_qs(urlsplit(asked["Location"]).query)["next"][0])
    assert "You are signed in as alice ." in text(question)
    assert is_live(elsewhere)
    browser.post(url)
    assert not is_live(elsewhere)


@pytest.mark.parametrize("url", [ELSE, EVERYWHERE])
def test_login_that_is_skipped_does_not_count(browser, elsewhere, url):
    age(browser, 901)
    browser.post(url)
    assert "you sign in once more first" in text(browser.get(url))
    assert browser.post(url)["Location"].startswith("/accounts/login/")
    assert is_live(elsewhere)


def test_somebody_else_who_signs_in_meanwhile_is_told_who_they_are(browser, bob, elsewhere):
    age(browser, 901)
    browser.post(EVERYWHERE)
    sign_in(browser, "bob")
    assert "You are signed in as bob ." in text(browser.get(EVERYWHERE))
    browser.post(EVERYWHERE)
    assert is_live(elsewhere)


@pytest.mark.parametrize(("limit", "is_asked"), [(0, False), (100, False), (60, True)])
def test_setting_says_how_old_a_login_may_be(browser, elsewhere, provider, limit, is_asked):
    provider(OIDC_SESSIONS_PAGE_REAUTHENTICATION_AGE=limit)
    age(browser, 80)
    browser.post(ELSE)
    assert is_live(elsewhere) == is_asked


# Who may not, and how not


@pytest.mark.parametrize("reason", [None, EndReason.ADMIN])
def test_session_of_somebody_else_is_not_found(browser, sessions_of_bob, reason):
    if reason:
        sessions.end(sessions_of_bob.op_session, reason)
    before = OPSession.objects.get(pk=sessions_of_bob.op_session_id).ended_at
    for url in (end_url(sessions_of_bob.op_session), application_url(sessions_of_bob)):
        assert browser.post(url).status_code == 404
    assert OPSession.objects.get(pk=sessions_of_bob.op_session_id).ended_at == before
    assert RPSession.objects.get(pk=sessions_of_bob.pk).ended_at is None


@pytest.mark.parametrize(
    "url", [f"{PAGE}0/end/", f"{PAGE}{10**30}/end/", f"{PAGE}applications/{10**30}/end/", f"{PAGE}-1/end/"]
)
def test_session_that_never_was_is_not_found(browser, url):
    assert browser.post(url).status_code == 404


def test_without_csrf_token_nothing_happens(client_factory, alice, application, elsewhere):
    browser = client_factory(enforce_csrf_checks=True)
    browser.force_login(alice)
    for url in (end_url(elsewhere), application_url(elsewhere.rp_sessions.get()), ELSE, EVERYWHERE):
        assert browser.post(url).status_code == 403
    assert is_live(elsewhere)
    assert elsewhere.rp_sessions.get().ended_at is None


def test_address_of_a_button_leads_to_the_list(browser, elsewhere):
    for url in (end_url(elsewhere), application_url(elsewhere.rp_sessions.get())):
        assert browser.get(url)["Location"] == PAGE
    assert is_live(elsewhere)


def test_click_of_who_was_signed_out_elsewhere_leads_to_login_and_the_list(browser, client_factory, elsewhere):
    anonymous = client_factory()
    for url in (end_url(elsewhere), ELSE, EVERYWHERE, application_url(elsewhere.rp_sessions.get())):
        assert anonymous.post(url)["Location"] == f"/accounts/login/?next={PAGE}"
    assert is_live(elsewhere)


def test_person_without_session_of_ours_gets_one(client, alice, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    client.force_login(alice)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True)
    assert "This browser" in text(client.get(PAGE))


def test_result_is_said_once(browser, elsewhere):
    assert result(browser, browser.post(end_url(elsewhere)))
    assert b'role="status"' not in browser.get(PAGE).content


def test_buttons_lead_to_the_instance_that_was_included_twice(browser, settings):
    settings.ROOT_URLCONF = "tests.urls_with_two_pages"
    assert "/mine/everywhere/end/" in browser.get("/mine/").content.decode()
    own = own_session(browser)
    assert browser.get(f"/mine/{own.pk}/end/")["Location"] == "/mine/"
