"""The ledger in the admin, and what is sent from there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt

from oidc_session import resending, sessions
from oidc_session.models import ClientLogoutSettings, EndReason, LogoutNotice, OPSession
from tests.administration import LEDGER, act, actions_of, change_page, found, logged, said, staff, superuser
from tests.databases import number_of
from tests.notices import application_at, notice_of, session_of
from tests.receivers import Answers, hangs_after_request
from tests.swappable import Application
from tests.test_logout_token import published_keys
from tests.test_telling import loopback, rps, wait_for  # noqa: F401 (two of them are fixtures)

pytestmark = pytest.mark.django_db(transaction=True)

State, Problem, Channel = LogoutNotice.State, LogoutNotice.Problem, LogoutNotice.Channel


@pytest.fixture
def administrator():
    return superuser()


@pytest.fixture
def owed(alice):
    """Return a function that ends a session with an application, and returns the notice, which is not sent yet."""

    def owe(application):
        sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
        return notice_of(application)

    return owe


@pytest.fixture
def notice(owed):
    return owed(application_at("https://rp.example/backchannel?key=secret", "shop"))


def closed(notice, state=State.FAILED, problem=Problem.CONNECTION):
    rows = LogoutNotice.objects.filter(pk=notice.pk)
    rows.update(state=state, problem=problem, closed_at=timezone.now(), next_attempt_at=None, attempts=3)
    return rows.get()


# Looking


def test_ledger_is_shown_and_found_by_client_and_by_sid(administrator, notice):
    for query in ("shop", notice.sid, f" {notice.sid} "):
        assert found(administrator, LEDGER, q=query) == [notice.pk]
    assert found(administrator, LEDGER, q="another") == []
    assert b"secret" not in administrator.get(reverse(LEDGER)).content


def test_ledger_is_filtered(administrator, notice):
    closed(notice)
    right = {"state": "failed", "problem": "connection", "application": "shop", "age": "day"}
    wrong = {"state": "pending", "problem": "timeout", "application": "another", "age": "older"}
    for name in right:
        assert found(administrator, LEDGER, **{name: right[name]}) == [notice.pk]
        assert found(administrator, LEDGER, **{name: wrong[name]}) == []


def test_ledger_of_a_deleted_application_is_still_found(administrator, notice):
    Application.objects.get(client_id="shop").delete()
    assert found(administrator, LEDGER, application="shop") == [notice.pk]


def test_ledger_can_be_neither_changed_nor_deleted(administrator, notice):
    row = reverse("admin:oidc_session_logoutnotice_change", args=[notice.pk])
    assert notice.sid in administrator.get(row).content.decode()
    assert administrator.post(row, {"state": "delivered"}).status_code == 403
    assert administrator.post(row.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert administrator.get(reverse("admin:oidc_session_logoutnotice_add")).status_code == 403
    notice.refresh_from_db()
    assert notice.state == "pending"


def test_pages_cost_few_queries(administrator, notice):
    assert number_of(lambda: administrator.get(reverse(LEDGER), {"q": "shop", "state": "pending"})) < 20
    assert number_of(lambda: change_page(administrator, notice)) < 20


# Sending again


@pytest.mark.parametrize("state", [State.FAILED, State.DELIVERED])
def test_notice_is_sent_again(administrator, owed, rps, loopback, client, state):  # noqa: F811
    application, listening = rps()
    notice = closed(owed(application), state)
    response = act(administrator, LEDGER, "send_again", notice)
    assert said(response) == ["1 notice is being sent."]
    assert logged(notice) == ["Sent again."]
    wait_for(loopback)
    notice.refresh_from_db()
    assert (notice.state, notice.problem, notice.attempts) == (State.DELIVERED, "", 4)
    claims = jwt.decode(listening.requests[0].fields["logout_token"], published_keys(client)).claims
    assert claims["sid"] == notice.sid


def test_notice_that_waits_is_sent_at_once(administrator, owed, rps, loopback):  # noqa: F811
    application, listening = rps()
    notice = owed(application)
    LogoutNotice.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1), problem=Problem.TIMEOUT)
    act(administrator, LEDGER, "send_again", notice)
    wait_for(loopback)
    assert len(listening.requests) == 1
    assert notice_of(application).state == State.DELIVERED


def test_notice_that_is_being_sent_is_left_to_who_sends_it(administrator, notice):
    lease = uuid4()
    LogoutNotice.objects.update(lease=lease, next_attempt_at=timezone.now() + timedelta(minutes=1))
    response = act(administrator, LEDGER, "send_again", notice)
    assert said(response) == ["1 notice not sent: it is being sent already."]
    assert LogoutNotice.objects.get().lease == lease
    assert logged(notice) == []


def test_application_that_has_registered_a_uri_by_now_is_told(administrator, owed, rps, loopback):  # noqa: F811
    application, listening = rps()
    ClientLogoutSettings.objects.update(backchannel_logout_uri="")
    notice = owed(application)
    assert (notice.channel, notice.state) == (Channel.NONE, State.UNTOLD)
    ClientLogoutSettings.objects.update(backchannel_logout_uri=listening.url)
    act(administrator, LEDGER, "send_again", notice)
    wait_for(loopback)
    assert notice_of(application).state == State.DELIVERED


def test_reason_is_said_where_a_notice_cannot_be_sent(administrator, owed, notice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True, OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    without = owed(application_at("", "without"))
    in_browser = application_at("", "browser")
    uri = "https://rp.example/frontchannel"
    ClientLogoutSettings.objects.filter(application=in_browser).update(frontchannel_logout_uri=uri)
    shown = owed(Application.objects.get(pk=in_browser.pk))
    Application.objects.get(client_id="shop").delete()
    assert sorted(said(act(administrator, LEDGER, "send_again", notice, without, shown))) == [
        "1 notice not sent: it was for the person's browser, which can't be asked any more.",
        "1 notice not sent: the application has no back-channel logout URI that may be used: register one.",
        "1 notice not sent: the application was deleted: there is nobody left to tell.",
    ]
    assert sorted(LogoutNotice.objects.values_list("state", flat=True)) == [State.PENDING, State.UNTOLD, State.UNTOLD]


# Test notices


def test_test_notice_ends_nothing(administrator, owed, rps, client, caplog, alice):  # noqa: F811
    application, listening = rps()
    notice = closed(owed(application))
    caplog.set_level("INFO", "oidc_session.resending")
    response = act(administrator, LEDGER, "send_test_notice", notice)
    assert said(response) == ["Test notice to Rp-1: delivered (HTTP 200)"]
    claims = jwt.decode(listening.requests[0].fields["logout_token"], published_keys(client)).claims
    assert "sub" not in claims
    assert claims["sid"] != notice.sid
    assert claims["aud"] == "rp-1"
    assert claims["iss"] == "http://testserver/o"
    assert list(LogoutNotice.objects.values_list("state", flat=True)) == [State.FAILED]
    assert logged(application) == ["Test notice sent: delivered, status 200."]
    assert caplog.messages == ["Logout notice tried out client_id=rp-1 status=200 problem="]
    assert OPSession.objects.live().count() == 1


def test_what_a_test_notice_met_is_said_without_the_answer(administrator, owed, rps, client):  # noqa: F811
    application, _listening = rps(Answers(400, body=b"the password is demo-pass"))
    response = act(administrator, LEDGER, "send_test_notice", owed(application))
    assert said(response) == ["Test notice to Rp-1: the application answered that it failed (HTTP 400)"]
    assert "demo-pass" not in response.content.decode()
    assert logged(application) == ["Test notice sent: answer, status 400."]


def test_test_notice_does_not_wait_for_ever(administrator, owed, rps, provider):  # noqa: F811
    application, _listening = rps(hangs_after_request)
    response = act(administrator, LEDGER, "send_test_notice", owed(application))
    assert said(response) == ["Test notice to Rp-1: no answer in time"]


def test_test_notice_to_a_deleted_application(administrator, notice):
    Application.objects.get(client_id="shop").delete()
    assert said(act(administrator, LEDGER, "send_test_notice", notice)) == ["The applications were deleted."]


def test_test_notices_are_few_at_a_time(administrator, owed, monkeypatch):
    monkeypatch.setattr(resending, "MOST_TRIED", 1)
    notices = [owed(application_at("", f"rp-{number}")) for number in range(2)]
    response = act(administrator, LEDGER, "send_test_notice", *notices)
    assert said(response) == ["Test notices go to 1 applications at a time: choose fewer."]


# Permissions


def test_staff_without_the_permission_has_no_actions(notice):
    client = staff("view_logoutnotice", "change_logoutnotice")
    assert actions_of(client.get(reverse(LEDGER))) == set()
    closed(notice)
    act(client, LEDGER, "send_again", notice)
    assert notice_of(notice).state == State.FAILED


def test_staff_with_the_permission_has_them(notice):
    client = staff("view_logoutnotice", "resend_logoutnotice")
    assert actions_of(client.get(reverse(LEDGER))) == {"send_again", "send_test_notice"}


def test_nothing_is_sent_while_the_channel_is_off(administrator, notice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    assert actions_of(administrator.get(reverse(LEDGER))) == set()
