"""The page after a logout: what it shows, where it leads, and what it lets run."""

import base64
import hashlib
import re
from datetime import timedelta

import pytest
from django.contrib.auth.views import LogoutView
from django.http import HttpResponseForbidden
from django.urls import include, path
from django.utils import timezone, translation

from oidc_session import urls
from oidc_session.logout_mixin import RPInitiatedLogoutMixin
from oidc_session.mixins import LogoutMixin
from oidc_session.models import LogoutNotice, OPSession, RPSession
from tests.databases import captured_queries
from tests.logout import (
    BACK,
    HOME,
    REGISTERED,
    answer,
    hint,
    hint_of,
    is_question,
    is_signed_in,
    join,
    log_out,
)
from tests.middleware import CSP_MIDDLEWARE
from tests.notices import application_at
from tests.oidc import COOKIE
from tests.signed_out_page import (
    FRONT,
    Channel,
    State,
    application_with_frame,
    frames,
    frames_without_script,
    goes_on_to,
    owe,
    policy,
    wants_a_frame,
)
from tests.views import person

PUNCTUATION = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frontchannel_is_on(provider):
    provider(
        OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True,
        OIDC_RP_INITIATED_LOGOUT_ENABLED=True,
        OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT=False,
    )


@pytest.fixture
def application(application):
    application.post_logout_redirect_uris = " ".join(REGISTERED)
    application.save()
    return application


@pytest.fixture
def untold(browser):
    """An application that wants no frame."""
    return join(browser)


@pytest.fixture
def rp_session(application, untold):
    """An application that wants one."""
    wants_a_frame(application)
    return untold


def is_page(response):
    return response.status_code == 200 and b"You are signed out" in response.content


def log_out_of(browser, rp_session, **parameters):
    return log_out(browser, id_token_hint=hint_of(rp_session), **parameters)


# After a logout that an application asks for


def test_frames_come_first_then_the_way_back(browser, rp_session):
    page = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK, state="s")
    assert is_page(page)
    assert not is_signed_in(browser)
    [frame] = frames(page)
    assert frame == f"{FRONT}?iss=http%3A%2F%2Ftestserver%2Fo&sid={rp_session.sid}"
    assert frames_without_script(page) == [frame]
    assert set(goes_on_to(page).values()) == {f"{BACK}?state=s"}
    assert "Then you go on to Sample." in page.content.decode()
    assert LogoutNotice.objects.get().state == State.SHOWN


@pytest.mark.parametrize("uri", REGISTERED)
@pytest.mark.parametrize("state", [PUNCTUATION, "%20+%", "é€𝄞", "\r\n\t", "\0", "a", "</script>", '"><script>'])
def test_redirect_target_is_the_one_without_frames(browser, rp_session, uri, state):
    parameters = {"client_id": "sample rp", "post_logout_redirect_uri": uri, "state": state}
    page = log_out_of(browser, rp_session, **parameters)
    location = log_out(browser, **parameters)["Location"]
    assert set(goes_on_to(page).values()) == {location}


def test_answer_to_the_question_leads_to_the_page(browser, rp_session):
    question = log_out(browser, client_id="sample rp", post_logout_redirect_uri=BACK)
    assert is_question(question)
    assert goes_on_to(answer(browser, question, allow="Logout"))["script"] == BACK


def test_without_redirect_uri_the_page_stays(browser, rp_session):
    page = log_out_of(browser, rp_session)
    assert goes_on_to(page) == {"script": None, "refresh": None, "link": HOME}
    assert frames(page)


@pytest.mark.parametrize("uri", ["https://evil.example/", "javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_unregistered_redirect_uri_is_nowhere_on_the_page(browser, rp_session, uri):
    page = log_out_of(browser, rp_session, post_logout_redirect_uri=uri, state="s")
    assert goes_on_to(page) == {"script": None, "refresh": None, "link": HOME}
    assert uri not in page.content.decode()


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "JavaScript:alert(1)", "vbscript:x"])
def test_registered_redirect_uri_that_would_run_is_nowhere_on_the_page(browser, rp_session, provider, uri):
    provider(ALLOWED_REDIRECT_URI_SCHEMES=["https", "javascript", "data", "JavaScript", "vbscript"])
    rp_session.application.post_logout_redirect_uris = uri
    rp_session.application.save()
    page = log_out_of(browser, rp_session, post_logout_redirect_uri=uri)
    assert goes_on_to(page)["script"] is None
    assert uri not in page.content.decode()


def test_who_has_no_frame_goes_straight_on(browser, untold):
    assert log_out_of(browser, untold, post_logout_redirect_uri=BACK)["Location"] == BACK


def standings(page):
    return dict(re.findall(r'data-state="([^"]+)">\s*<strong><bdi>([^<]+)', page.content.decode()))


def test_who_goes_nowhere_is_told_who_could_not_be_told(browser, untold):
    other = application_at("", "other")
    RPSession.objects.create(op_session=untold.op_session, application=other)
    page = log_out_of(browser, untold)
    assert standings(page) == {"initiated": "Sample", "unknown": "Other"}
    assert "could not be told: you may still be signed in there" in page.content.decode()
    assert "asked for this logout" in page.content.decode()
    assert policy(page)["frame-src"] == ["'none'"]


def test_who_asked_for_the_logout_need_not_be_told_of(browser, untold):
    assert log_out_of(browser, untold)["Location"] == HOME


def test_who_only_says_to_have_asked_for_the_logout_is_told_of(browser, untold, client_factory, alice):
    other = client_factory()
    other.force_login(alice)
    theirs = join(other)
    for parameters in ({"client_id": "sample rp"}, {"id_token_hint": hint_of(theirs)}):
        browser.force_login(alice)
        join(browser)
        page = answer(browser, log_out(browser, **parameters), allow="Logout")
        assert standings(page) == {"unknown": "Sample"}


def test_session_without_applications_has_no_page(browser, alice):
    assert log_out(browser, id_token_hint=hint(sub=str(alice.pk)))["Location"] == HOME


def test_without_logout_channels_nothing_is_looked_up(browser, untold, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False)
    with captured_queries() as queries:
        assert log_out_of(browser, untold)["Location"] == HOME
    assert "logoutnotice" not in "".join(queries)


def test_browser_learns_of_its_new_state_with_the_page(browser, rp_session):
    before = browser.cookies[COOKIE].value
    assert log_out_of(browser, rp_session).cookies[COOKIE].value != before


# Whose page it is


def test_old_cookie_does_not_tell_where_its_owner_was_signed_in(browser, rp_session, client_factory):
    log_out_of(client_factory(), rp_session)
    OPSession.objects.update(ended_at=timezone.now() - timedelta(hours=2))
    assert not is_page(browser.get("/o/logout/"))


def test_holder_of_a_hint_alone_does_not_see_the_applications(browser, rp_session, client_factory):
    """An application's server has ID tokens, too: it shall not learn where else a person is signed in."""
    response = log_out_of(client_factory(), rp_session)
    assert response["Location"] == HOME
    assert OPSession.objects.get().end_reason == "rp_logout"
    assert LogoutNotice.objects.get().state == State.UNTOLD


def test_hint_of_another_browser_shows_this_browsers_applications(browser, rp_session, client_factory, alice):
    other = client_factory()
    other.force_login(alice)
    theirs = join(other)
    page = answer(browser, log_out_of(browser, theirs), allow="Logout")
    assert [frame.endswith(f"sid={rp_session.sid}") for frame in frames(page)] == [True]
    assert is_signed_in(other)


def test_double_click_shows_the_page_again(browser, rp_session):
    cookie = browser.cookies["sessionid"].value
    first = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)
    browser.cookies["sessionid"] = cookie
    second = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)
    assert frames(second) == frames(first)


def test_browser_without_cookie_is_asked_nothing_again(browser, rp_session):
    log_out_of(browser, rp_session)
    assert log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)["Location"] == BACK


# After Django's logout


def test_frames_come_before_djangos_next_page(browser, rp_session):
    page = browser.post("/accounts/sign-out-and-on/")
    assert not is_signed_in(browser)
    assert set(goes_on_to(page).values()) == {"/untouched/"}
    assert len(frames(page)) == 1
    assert "Then you go on." in page.content.decode()


def test_next_parameter_is_djangos_to_judge(browser, rp_session):
    cookie = browser.cookies["sessionid"].value
    assert goes_on_to(browser.post("/accounts/sign-out/?next=/person/"))["script"] == "/person/"
    browser.cookies["sessionid"] = cookie
    assert goes_on_to(browser.post("/accounts/sign-out/?next=https://evil.example/"))["script"] is None


def test_page_stays_where_django_has_no_next_page(browser, rp_session):
    assert goes_on_to(browser.post("/accounts/sign-out/"))["link"] == HOME


def test_who_could_not_be_told_is_told_where_django_has_no_next_page(browser, untold):
    assert is_page(browser.post("/accounts/sign-out/"))
    assert LogoutNotice.objects.get().state == State.UNTOLD


def test_djangos_next_page_comes_at_once_without_frames(browser, untold):
    assert browser.post("/accounts/sign-out-and-on/")["Location"] == "/untouched/"


def test_session_that_was_ended_elsewhere_is_told_to_the_next_browser_that_comes(browser, rp_session, client_factory):
    log_out_of(client_factory(), rp_session)
    assert frames(browser.post("/accounts/sign-out/"))


def test_logout_is_a_post_with_a_csrf_token(client_factory, alice, rp_session):
    browser = client_factory(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post("/accounts/sign-out/").status_code == 403
    assert browser.get("/accounts/sign-out/").status_code == 405
    assert is_signed_in(browser)


@pytest.mark.parametrize("channels_on", [True, False])
@pytest.mark.parametrize("signed_in", [True, False])
def test_nothing_to_tell_is_djangos_answer_to_the_byte(client_factory, alice, provider, channels_on, signed_in):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=channels_on)
    answers = []
    for url in ("/accounts/logout/", "/accounts/sign-out-and-on/"):
        browser = client_factory()
        if signed_in:
            browser.force_login(alice)
        response = browser.post(url)
        del response["Expires"]  # One second may pass between the two.
        answers.append((response.status_code, response.headers, sorted(response.cookies), response.content))
        assert not is_signed_in(browser)
    assert answers[0] == answers[1]


def test_own_logout_view_keeps_its_cookies_and_its_errors(browser, rp_session, settings):
    settings.ROOT_URLCONF = OwnUrls
    assert browser.post("/refused/").status_code == 403
    page = browser.post("/branded/")
    assert is_page(page)
    assert page.cookies["theme"].value == "dark"
    assert page["Clear-Site-Data"] == '"storage"'


# What the page lets run


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def element(page, name):
    [content] = re.findall(rf"<{name}>(.*?)</{name}>", page.content.decode(), re.DOTALL)
    return content


@pytest.fixture
def page(browser, rp_session):
    return log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)


def test_policy_allows_our_script_our_style_and_the_frames(page):
    assert policy(page) == {
        "default-src": ["'none'"],
        "script-src": [digest(element(page, "script"))],
        "style-src": ["'self'", digest(element(page, "style"))],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "frame-src": ["https://rp.example"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }


def test_page_is_kept_nowhere_framed_nowhere_and_gives_no_address_away(page):
    assert page["Cache-Control"] == "no-store"
    assert page["X-Frame-Options"] == "DENY"
    assert page["Referrer-Policy"] == "no-referrer"


def test_frames_may_do_what_a_logout_needs(page):
    [frame] = re.findall(r"<iframe [^>]*>", page.content.decode())
    [sandbox] = re.findall(r'sandbox="([^"]*)"', frame)
    assert sandbox.split() == [
        "allow-scripts",
        "allow-same-origin",
        "allow-forms",
        "allow-storage-access-by-user-activation",
    ]
    assert " hidden " in frame
    assert 'title="Sample"' in frame
    assert 'referrerpolicy="no-referrer"' in frame


@pytest.mark.parametrize("middleware", CSP_MIDDLEWARE)
def test_policy_is_not_replaced_by(client_factory, browser, rp_session, settings, middleware):
    settings.SECURE_CSP = {"script-src": ["'none'"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings.SECURE_CSP}
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
    through_it = client_factory()
    through_it.cookies = browser.cookies
    assert "script-src 'none'" in through_it.get("/untouched/")["Content-Security-Policy"]
    page = log_out_of(through_it, rp_session)
    assert policy(page)["frame-src"] == ["https://rp.example"]
    assert len(policy(page)) == 9


def test_names_of_applications_are_text(browser, rp_session):
    rp_session.application.name = "<script>alert(1)</script>\"'\u202e&"
    rp_session.application.save()
    text = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK).content.decode()
    assert text.count("<script>") == 1
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;\u202e&amp;</bdi>" in text


@pytest.mark.parametrize("query", ["?a=1&b='2'", "?x=%22%3E", "?;url=https://evil.example/", "?a=1&amp;b=2"])
def test_frame_without_script_leads_where_the_one_with_does(browser, rp_session, query):
    wants_a_frame(rp_session.application, f"{FRONT}{query}")
    page = log_out_of(browser, rp_session)
    assert frames_without_script(page) == frames(page)
    assert frames(page)[0].startswith(f"{FRONT}{query}&iss=")


def test_as_many_frames_as_applications_and_their_origins_once(browser, rp_session):
    for number in range(20):
        application = application_with_frame(f"client-{number}", f"client{number % 10}.example")
        RPSession.objects.create(op_session=rp_session.op_session, application=application)
    page = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)
    assert len(frames(page)) == 21
    assert len(policy(page)["frame-src"]) == 11


def test_long_list_of_frames_is_in_the_page_and_not_in_the_header(browser, rp_session):
    for number in range(100):
        application = application_with_frame(f"client-{number}", f"client-of-a-long-name-{number}.example")
        RPSession.objects.create(op_session=rp_session.op_session, application=application)
    page = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK)
    assert policy(page)["frame-src"] == ["https:", "http:"]
    assert sum(len(name) + len(value) for name, value in page.items()) < 3000
    sources = (
        page.content.decode().split('http-equiv="Content-Security-Policy" content="frame-src ')[1].split('"')[0].split()
    )
    assert len(sources) == 101
    assert "https://client-of-a-long-name-99.example" in sources


def test_signed_out_server_to_server_is_not_taken_back_by_a_slow_frame(browser, rp_session):
    owe(rp_session, channel=Channel.BACKCHANNEL, state=State.DELIVERED)
    text = log_out_of(browser, rp_session).content.decode()
    assert 'data-state="signed-out"' in text
    assert "data-src=" in text
    assert "data-of=" not in text


# How long it waits, and in which language


@pytest.mark.parametrize(("limit", "seconds"), [(5.0, "5"), (2.9, "2"), (0.5, "2"), (30, "30")])
def test_limit_is_the_settings(browser, rp_session, provider, limit, seconds):
    provider(OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT=limit)
    text = log_out_of(browser, rp_session, post_logout_redirect_uri=BACK).content.decode()
    assert f'data-limit="{limit}"' in text
    assert f'content="{seconds};url={BACK}"' in text


@pytest.mark.parametrize(("language", "direction"), [("de", ""), ("he", ' dir="rtl"')])
def test_limit_is_a_number_in_every_language(browser, rp_session, provider, language, direction):
    provider(OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT=5.5)
    with translation.override(language):
        page = log_out_of(browser, rp_session)
    assert f'<html lang="{language}"{direction} data-limit="5.5">' in page.content.decode()


# A project's own


class OwnLogout(RPInitiatedLogoutMixin, urls.views.views.RPInitiatedLogoutView):
    def get_signed_out_policy(self, told):
        return super().get_signed_out_policy(told) | {"img-src": "https://cdn.example"}

    def get_signed_out_context(self, told, next_url):
        return super().get_signed_out_context(told, next_url) | {"limit": "7"}

    def get_home_url(self):
        return "/modify/"


class OwnLogoutView(LogoutView):
    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        response.set_cookie("theme", "dark")
        response["Clear-Site-Data"] = '"storage"'
        return response


class Refusing(LogoutView):
    def post(self, request, *args, **kwargs):
        return HttpResponseForbidden()


class Branded(LogoutMixin, OwnLogoutView):
    pass


class Refused(LogoutMixin, Refusing):
    pass


class OwnUrls:
    urlpatterns = [
        path("branded/", Branded.as_view()),
        path("refused/", Refused.as_view()),
        path("person/", person),
        path("o/", include(([path("logout/", OwnLogout.as_view()), *urls.urlpatterns], "oauth2_provider"))),
    ]


def test_own_view_adds_to_policy_and_context_and_has_a_home(browser, rp_session, settings):
    settings.ROOT_URLCONF = OwnUrls
    page = log_out_of(browser, rp_session)
    assert policy(page)["img-src"] == ["https://cdn.example"]
    assert 'data-limit="7"' in page.content.decode()
    assert goes_on_to(page)["link"] == "/modify/"
