"""Which applications a browser asks in frames when a session has ended, and what is true of each."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oidc_session import frontchannel
from oidc_session.frontchannel import Standing, logout_uri
from oidc_session.models import LogoutNotice, OPSession, RPSession
from tests.notices import application_at
from tests.signed_out_page import FRONT, Channel, Problem, State, application_with_frame, owe, wants_a_frame

pytestmark = pytest.mark.django_db

ADDED = "iss=http%3A%2F%2Ftestserver%2Fo&sid="


@pytest.fixture(autouse=True)
def frontchannel_is_on(provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)


@pytest.fixture
def session(alice):
    return OPSession.objects.create(user=alice, expires_at=timezone.now(), ended_at=timezone.now())


@pytest.fixture
def rp_session(session, application):
    wants_a_frame(application)
    return RPSession.objects.create(op_session=session, application=application)


@pytest.fixture
def notice(rp_session):
    return owe(rp_session)


# The URI of a frame


@pytest.mark.parametrize(
    ("registered", "shown"),
    [
        ("https://rp.example/out", "https://rp.example/out?iss=i&sid=s"),
        ("https://rp.example/out?", "https://rp.example/out?iss=i&sid=s"),
        ("https://rp.example/out?a=%20+&b", "https://rp.example/out?a=%20+&b&iss=i&sid=s"),
        ("https://rp.example/out?a=1&", "https://rp.example/out?a=1&iss=i&sid=s"),
        ("https://rp.example/out?a=b?", "https://rp.example/out?a=b?&iss=i&sid=s"),
        ("https://rp.example", "https://rp.example?iss=i&sid=s"),
    ],
)
def test_query_of_the_logout_uri_is_kept_to_the_byte(registered, shown):
    assert logout_uri(registered, "i", "s") == shown


def test_parameters_are_encoded():
    assert logout_uri("https://rp.example/", "https://op.example/o?a&b", "a&b=c #/+") == (
        "https://rp.example/?iss=https%3A%2F%2Fop.example%2Fo%3Fa%26b&sid=a%26b%3Dc%20%23%2F%2B"
    )


# What is shown


def test_frame_leads_to_the_logout_uri_with_issuer_and_session(session, notice):
    [told] = frontchannel.show(session)
    assert (told.name, told.standing) == ("Sample", Standing.ASKED)
    assert told.frame == f"{FRONT}?{ADDED}{notice.sid}"


def test_ledger_says_that_it_was_shown(session, notice):
    frontchannel.show(session)
    notice.refresh_from_db()
    assert (notice.state, notice.problem, notice.attempts) == (State.SHOWN, "", 1)
    assert notice.closed_at == notice.last_attempt_at > notice.created_at


def test_session_without_applications_has_nothing_to_show(session):
    assert frontchannel.show(session) == []


def test_notices_of_other_sessions_are_left_alone(alice, session, application, notice):
    other = OPSession.objects.create(user=alice, expires_at=timezone.now())
    theirs = owe(RPSession.objects.create(op_session=other, application=application))
    assert len(frontchannel.show(session)) == 1
    theirs.refresh_from_db()
    assert theirs.state == State.UNTOLD


def test_page_that_a_double_click_dropped_is_shown_again(session, notice):
    first = frontchannel.show(session)
    assert frontchannel.show(session) == first
    notice.refresh_from_db()
    assert notice.attempts == 2


def test_page_is_not_shown_again_later(session, notice):
    frontchannel.show(session)
    LogoutNotice.objects.update(closed_at=timezone.now() - timedelta(minutes=2))
    [told] = frontchannel.show(session)
    assert (told.standing, told.frame) == (Standing.ASKED, "")


def test_application_that_was_waiting_for_a_browser_is_asked_by_the_next_one(session, notice):
    LogoutNotice.objects.update(created_at=timezone.now() - timedelta(days=1))
    [told] = frontchannel.show(session)
    assert told.frame


def assert_untold(session, notice, problem):
    [told] = frontchannel.show(session)
    assert (told.standing, told.frame) == (Standing.UNKNOWN, "")
    notice.refresh_from_db()
    assert (notice.state, notice.problem) == (State.UNTOLD, problem)


def test_uri_that_became_invalid_is_not_shown(session, application, notice):
    application.redirect_uris = "https://elsewhere.example/callback"
    application.save()
    assert_untold(session, notice, Problem.NO_URI)


def test_uri_that_was_taken_back_is_not_shown(session, application, notice):
    wants_a_frame(application, "")
    assert_untold(session, notice, Problem.NO_URI)


@pytest.mark.parametrize("host", ["a;sandbox", "[::1]", "a_b.example"])
def test_uri_that_no_policy_can_name_is_not_shown(session, application, notice, host):
    application.redirect_uris = f"https://{host}/callback"
    application.save()
    wants_a_frame(application, f"https://{host}/out")
    assert_untold(session, notice, Problem.NO_URI)


def test_nothing_is_shown_where_the_channel_was_turned_off(session, notice, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False)
    assert_untold(session, notice, Problem.NO_BROWSER)


def test_deleted_application_is_called_by_its_client_id(session, application, rp_session):
    notice = owe(rp_session, problem=Problem.CLIENT_DELETED, application=None)
    assert_untold(session, notice, Problem.CLIENT_DELETED)
    assert frontchannel.show(session)[0].name == "sample rp"


@pytest.mark.parametrize(
    ("channel", "state", "standing"),
    [
        (Channel.BACKCHANNEL, State.DELIVERED, Standing.SIGNED_OUT),
        (Channel.BACKCHANNEL, State.PENDING, Standing.BEING_TOLD),
        (Channel.BACKCHANNEL, State.FAILED, Standing.UNKNOWN),
        (Channel.NONE, State.UNTOLD, Standing.UNKNOWN),
    ],
)
def test_other_channels_are_told_as_they_are(session, rp_session, channel, state, standing):
    notice = owe(rp_session, channel=channel, state=state, problem="")
    [told] = frontchannel.show(session)
    assert (told.standing, told.frame) == (standing, "")
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (state, 0)


@pytest.mark.parametrize(
    ("state", "standing"),
    [(State.DELIVERED, Standing.SIGNED_OUT), (State.PENDING, Standing.ASKED), (State.FAILED, Standing.ASKED)],
)
def test_better_of_two_channels_counts_and_both_are_used(session, rp_session, notice, state, standing):
    owe(rp_session, channel=Channel.BACKCHANNEL, state=state)
    [told] = frontchannel.show(session)
    assert told.standing == standing
    assert told.frame


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (State.UNTOLD, Standing.INITIATED),
        (State.FAILED, Standing.INITIATED),
        (State.PENDING, Standing.BEING_TOLD),
        (State.DELIVERED, Standing.SIGNED_OUT),
    ],
)
def test_who_asked_for_the_logout_knows_of_it(session, rp_session, state, standing):
    owe(rp_session, channel=Channel.BACKCHANNEL, state=state)
    assert frontchannel.show(session, "sample rp")[0].standing == standing


def test_best_come_first_then_by_name(session, notice):
    for client_id, state in (("beta", State.UNTOLD), ("alpha", State.UNTOLD), ("zeta", State.DELIVERED)):
        joined = RPSession.objects.create(op_session=session, application=application_at("", client_id))
        owe(joined, channel=Channel.BACKCHANNEL, state=state)
    told = frontchannel.show(session)
    assert [one.name for one in told] == ["Zeta", "Sample", "Alpha", "Beta"]


def test_notice_of_an_application_that_left_and_joined_again_does_not_count(session, rp_session, notice):
    owe(rp_session, channel=Channel.BACKCHANNEL, state=State.DELIVERED, sid="an earlier one")
    [told] = frontchannel.show(session)
    assert told.standing == Standing.ASKED


def test_two_frames_of_one_session_are_one(session, rp_session, notice):
    owe(rp_session)
    [told] = frontchannel.show(session)
    assert told.frame
    assert set(LogoutNotice.objects.values_list("state", flat=True)) == {State.SHOWN}


def test_log_says_who_was_asked_and_gives_nothing_away(session, notice, caplog):
    caplog.set_level("INFO", "oidc_session")
    frontchannel.show(session)
    assert caplog.messages == ["Logout notice shown client_id=sample rp"]
    wants_a_frame(notice.application, "")
    frontchannel.show(session)
    assert caplog.messages[1:] == ["Logout notice untold client_id=sample rp"]


@pytest.mark.parametrize("count", [1, 20])
def test_cost_does_not_depend_on_the_number_of_applications(session, django_assert_num_queries, count):
    for number in range(count):
        application = application_with_frame(f"client{number}", f"client{number}.example")
        owe(RPSession.objects.create(op_session=session, application=application))
    with django_assert_num_queries(2):
        assert len([one.frame for one in frontchannel.show(session)]) == count
