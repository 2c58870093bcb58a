"""A session's lifetime by the project's policy: whatever the store says, nothing here acts for it any more."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import router
from django.utils import timezone

from oidc_session import expiry, last_activity, lifetimes, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession
from tests import policies
from tests.notices import application_at
from tests.oidc import authorize, query_of
from tests.test_credential_validator import CREDENTIALS, refresh, tokens

pytestmark = pytest.mark.django_db

HOUR = 3600
LIMIT = "tests.policies.limit"


@pytest.fixture(autouse=True)
def limits():
    policies.limits.clear()
    yield policies.limits
    policies.limits.clear()


@pytest.fixture
def signed_in(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    return client


@pytest.fixture(params=["lifetime", "idle lifetime"])
def over(request, provider):
    """Return a function that makes the session one that is over, by one lifetime or the other."""
    name, field = {
        "lifetime": ("OIDC_SESSION_LIFETIME", "auth_time"),
        "idle lifetime": ("OIDC_SESSION_IDLE_LIFETIME", "last_activity"),
    }[request.param]
    provider(**{name: HOUR})

    def make_over():
        aged(field, HOUR + 1)

    return make_over


def aged(field, seconds):
    OPSession.objects.update(**{field: timezone.now() - timedelta(seconds=seconds)})
    last_activity._noted.clear()


def end_reason():
    return OPSession.objects.get().end_reason


def seconds_left(session):
    return round((session.expires_at - timezone.now()).total_seconds())


# At the provider's own endpoints


def test_session_that_is_over_is_not_authorized(over, signed_in, application):
    over()
    response = authorize(signed_in)
    assert response["Location"].startswith("/accounts/login/")
    assert end_reason() == EndReason.EXPIRED
    assert signed_in.get("/person/").content == b"nobody"


def test_session_within_its_lifetime_goes_on(over, signed_in, application):
    assert "code" in query_of(authorize(signed_in))
    assert OPSession.objects.get().is_live


def test_silent_request_finds_nobody(over, signed_in, application):
    over()
    assert query_of(authorize(signed_in, prompt="none"))["error"] == "login_required"


def test_applications_are_told_of_the_end(over, signed_in, application, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    authorize(signed_in)
    over()
    authorize(signed_in)
    assert LogoutNotice.objects.get().client_id == application.client_id


def test_code_is_refused(over, signed_in, application):
    code = query_of(authorize(signed_in))["code"]
    over()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://rp.example/callback"}
    assert signed_in.post("/o/token/", CREDENTIALS | form).json()["error"] == "invalid_grant"
    assert end_reason() == EndReason.EXPIRED


def test_refresh_is_refused_and_ends_the_session(over, signed_in, application):
    found = tokens(signed_in)
    over()
    assert refresh(signed_in, found).json()["error"] == "invalid_grant"
    assert end_reason() == EndReason.EXPIRED


def test_offline_access_outlives_the_lifetime(over, signed_in, application, provider, settings):
    provider(SCOPES=settings.OAUTH2_PROVIDER["SCOPES"] | {"offline_access": "Stay connected"})
    found = tokens(signed_in, scope="openid offline_access")
    over()
    assert refresh(signed_in, found).json()["expires_in"] > HOUR
    assert end_reason() == EndReason.EXPIRED


def test_access_token_ends_with_its_session_at_the_latest(signed_in, application, provider):
    provider(OIDC_SESSION_LIFETIME=600)
    found = tokens(signed_in)
    assert 590 <= found["expires_in"] <= 600
    assert 590 <= refresh(signed_in, found).json()["expires_in"] <= 600


def test_access_token_of_a_long_session_has_its_usual_lifetime(over, signed_in, application, provider):
    provider(OIDC_SESSION_LIFETIME=100 * HOUR, OIDC_SESSION_IDLE_LIFETIME=None)
    assert tokens(signed_in)["expires_in"] == 10 * HOUR


def test_access_token_in_a_fragment_ends_with_its_session_too(signed_in, application, provider):
    provider(OIDC_SESSION_LIFETIME=600)
    application.authorization_grant_type = application.GRANT_OPENID_HYBRID
    application.save()
    location = authorize(signed_in, response_type="code token")["Location"]
    expires_in = dict(pair.split("=") for pair in location.partition("#")[2].split("&"))["expires_in"]
    assert 590 <= int(expires_in) <= 600


def test_token_of_no_session_is_left_alone(signed_in, application, provider):
    provider(OIDC_SESSION_LIFETIME=600)
    assert tokens(signed_in, scope="read")["expires_in"] == 10 * HOUR


def test_quiet_question_says_that_it_is_over(over, signed_in):
    over()
    assert signed_in.get("/o/session-status/").cookies
    assert end_reason() == EndReason.EXPIRED


def test_every_request_may_be_asked(over, signed_in, provider):
    provider(OIDC_SESSION_CHECK_EVERY_REQUEST=True)
    over()
    assert signed_in.get("/person/").content == b"nobody"


# Activity


def test_nothing_brings_a_session_back(over, signed_in, application):
    over()
    before = OPSession.objects.get().last_activity
    assert signed_in.get("/modify/").content == b"modified"
    assert OPSession.objects.get().last_activity == before
    authorize(signed_in)
    assert end_reason() == EndReason.EXPIRED


def test_activity_prolongs_what_is_idle(signed_in, provider):
    provider(OIDC_SESSION_IDLE_LIFETIME=HOUR)
    aged("last_activity", HOUR - 60)
    signed_in.get("/modify/")
    session = OPSession.objects.get()
    assert not lifetimes.is_over(session)
    assert HOUR - 60 < seconds_left(session) <= HOUR


def test_reading_alone_is_activity_too(signed_in, provider):
    provider(OIDC_SESSION_IDLE_LIFETIME=HOUR)
    aged("last_activity", HOUR - 60)
    signed_in.get("/person/")
    assert timezone.now() - OPSession.objects.get().last_activity < timedelta(minutes=1)


def test_activity_prolongs_no_absolute_lifetime(signed_in, provider):
    provider(OIDC_SESSION_LIFETIME=HOUR)
    aged("auth_time", HOUR - 600)
    signed_in.get("/modify/")
    assert 0 < seconds_left(OPSession.objects.get()) <= 600


def test_ended_session_is_not_noted(over, signed_in):
    sessions.end(OPSession.objects.get(), EndReason.ADMIN, delete_django_session=False)
    last_activity._noted.clear()
    signed_in.get("/modify/")
    assert end_reason() == EndReason.ADMIN


def test_new_login_of_the_same_person_begins_a_new_lifetime(signed_in, provider):
    provider(OIDC_SESSION_LIFETIME=HOUR)
    aged("auth_time", HOUR - 60)
    signed_in.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    session = OPSession.objects.get()
    assert session.is_live
    assert HOUR - 60 < seconds_left(session) <= HOUR


def test_login_after_the_end_begins_a_new_session(over, signed_in):
    over()
    signed_in.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    old, new = OPSession.objects.order_by("pk")
    assert old.end_reason == EndReason.EXPIRED
    assert new.is_live
    assert signed_in.get("/person/").content == b"alice"


def test_person_who_signed_in_long_before_this_app_was_installed_signs_in_again(client, alice, application, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=None)
    client.force_login(alice)
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=True, OIDC_SESSION_LIFETIME=HOUR)
    alice.last_login = timezone.now() - timedelta(days=1)
    alice.save()
    assert authorize(client)["Location"].startswith("/accounts/login/")
    assert end_reason() == EndReason.EXPIRED


# The command


def test_expiry_command_ends_what_is_over_at_its_time(over, signed_in):
    over()
    OPSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [outcome.ended for outcome in expiry.end_expired(10)] == [1]
    assert end_reason() == EndReason.EXPIRED
    database = router.db_for_write(Session)
    assert Session.objects.using(database).count() == 1  # Until the transaction of the test is committed.


def test_session_is_looked_at_when_it_is_over_at_the_latest(signed_in, provider, client_factory, alice):
    provider(OIDC_SESSION_LIFETIME=HOUR)
    client_factory().post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    newest = OPSession.objects.order_by("pk").last()
    assert HOUR - 60 < seconds_left(newest) <= HOUR


def test_session_that_is_looked_at_early_is_looked_at_when_it_is_over(signed_in, provider):
    provider(OIDC_SESSION_LIFETIME=HOUR)
    OPSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [outcome.ended for outcome in expiry.end_expired(10)] == [0]
    assert HOUR - 60 < seconds_left(OPSession.objects.get()) <= HOUR


def test_lifetime_that_was_shortened_is_found_where_all_are_looked_at(over, signed_in, capsys):
    over()
    call_command("end_expired_sessions")
    assert OPSession.objects.get().is_live
    call_command("end_expired_sessions", "--check-all")
    assert end_reason() == EndReason.EXPIRED


def test_session_that_is_used_meanwhile_is_left_alone(signed_in, provider):
    provider(OIDC_SESSION_IDLE_LIFETIME=HOUR)
    aged("last_activity", HOUR + 1)
    seen = OPSession.objects.get()
    OPSession.objects.update(last_activity=timezone.now())
    assert not sessions.end_if_expired(seen)
    assert OPSession.objects.get().is_live


# The project's own function


@pytest.fixture(params=["OIDC_SESSION_LIFETIME", "OIDC_SESSION_IDLE_LIFETIME"])
def setting(request):
    return request.param


def ends_in(session):
    ends = lifetimes.ends_at(session)
    return None if ends is None else round((ends - timezone.now()).total_seconds(), -1)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, 600),
        ({"alice": 1200}, 1200),
        ({"alice": 60}, 60),
        ({"alice": 0}, None),
        ({"sample rp": 300}, 300),
        ({"sample rp": 1200}, 600),
        ({"sample rp": 0}, 600),
        ({"alice": 0, "sample rp": 1200}, 1200),
        ({"bob": 60, "another": 60}, 600),
    ],
)
def test_function_says_it_of_a_person_and_of_applications(
    signed_in, application, provider, limits, setting, said, seconds
):
    authorize(signed_in)
    provider(**{setting: 600, f"{setting}_FUNCTION": LIMIT})
    limits |= said
    assert ends_in(OPSession.objects.get()) == seconds


def test_function_needs_no_setting(signed_in, provider, limits, setting):
    provider(**{f"{setting}_FUNCTION": LIMIT})
    assert ends_in(OPSession.objects.get()) is None
    limits["alice"] = 60
    assert ends_in(OPSession.objects.get()) == 60


def test_application_that_has_left_says_nothing(signed_in, application, provider, limits):
    authorize(signed_in)
    OPSession.objects.get().rp_sessions.update(ended_at=timezone.now())
    provider(OIDC_SESSION_LIFETIME_FUNCTION=LIMIT)
    limits["sample rp"] = 60
    assert ends_in(OPSession.objects.get()) is None


def test_two_applications_have_the_shorter_lifetime(signed_in, application, provider, limits):
    other = application_at("", "rp-2")
    authorize(signed_in)
    authorize(signed_in, client_id=other.client_id)
    provider(OIDC_SESSION_LIFETIME_FUNCTION=LIMIT)
    limits |= {"sample rp": 300, "rp-2": 60}
    assert ends_in(OPSession.objects.get()) == 60


# What it costs


def test_without_a_policy_no_query_is_added(signed_in, application, django_assert_num_queries):
    session = OPSession.objects.get()
    with django_assert_num_queries(0):
        assert lifetimes.ends_at(session) is None
        assert not lifetimes.is_over(session)


def test_lifetimes_alone_ask_no_query(signed_in, provider, django_assert_num_queries):
    provider(OIDC_SESSION_LIFETIME=HOUR, OIDC_SESSION_IDLE_LIFETIME=HOUR)
    session = OPSession.objects.get()
    with django_assert_num_queries(0):
        assert not lifetimes.is_over(session)
