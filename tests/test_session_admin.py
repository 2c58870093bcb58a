from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from oidc_session import admin_parts, sessions
from oidc_session.models import EndReason, OPSession
from tests.administration import SESSIONS, act, actions_of, change_page, found, logged, staff, superuser
from tests.databases import number_of
from tests.notices import application_at, session_of
from tests.oidc import authorize
from tests.unendable import Refused, unendable

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return superuser()


@pytest.fixture
def session(client, alice, application):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    authorize(client)
    return OPSession.objects.get(user=alice)


@pytest.fixture
def ended(alice):
    session = session_of(alice)
    sessions.end(session, EndReason.LOGOUT)
    return session


# Looking


def test_sessions_are_shown_without_their_keys(administrator, session):
    page = change_page(administrator, session).content.decode()
    assert session.rp_sessions.get().sid in page
    assert session.session_key not in page
    assert session.session_key_hash not in page


@pytest.mark.parametrize("query", ["alice", "ali", " alice ", "127.0.0.1"])
def test_sessions_are_found_by_person_and_by_address(administrator, session, query):
    assert found(administrator, SESSIONS, q=query) == [session.pk]


def test_sessions_are_found_by_sid(administrator, session):
    assert found(administrator, SESSIONS, q=session.rp_sessions.get().sid) == [session.pk]


@pytest.mark.parametrize("query", ["lice", "bob", "127.0.0.2", "fe80::1%eth0", "::1/128", "no-such-sid", "%"])
def test_nothing_else_is_found(administrator, session, query):
    assert found(administrator, SESSIONS, q=query) == []


def test_person_whose_name_is_it_hides_those_whose_name_begins_so(administrator, alice, django_user_model):
    session_of(django_user_model.objects.create_user("alice2"))
    mine = session_of(alice)
    assert found(administrator, SESSIONS, q="alice") == [mine.pk]


def test_sessions_are_filtered_by_state(administrator, alice, ended):
    now = timezone.now()
    live = OPSession.objects.create(user=alice, expires_at=now + timedelta(days=1))
    overdue = OPSession.objects.create(user=alice, expires_at=now - timedelta(days=1))
    assert found(administrator, SESSIONS, state="live") == [overdue.pk, live.pk]
    assert found(administrator, SESSIONS, state="overdue") == [overdue.pk]
    assert found(administrator, SESSIONS, state="ended") == [ended.pk]
    assert found(administrator, SESSIONS, state="logout") == [ended.pk]
    assert found(administrator, SESSIONS, state="expired") == []
    assert found(administrator, SESSIONS, state="no such state") == []


def test_sessions_are_filtered_by_age(administrator, alice):
    def started(days):
        begun = timezone.now() - timedelta(days=days)
        return OPSession.objects.create(user=alice, started_at=begun, expires_at=timezone.now()).pk

    old, this_month, today = started(40), started(20), started(0)
    assert found(administrator, SESSIONS, age="day") == [today]
    assert found(administrator, SESSIONS, age="week") == [today]
    assert found(administrator, SESSIONS, age="month") == [today, this_month]
    assert found(administrator, SESSIONS, age="older") == [old]


def test_sessions_are_filtered_by_application(administrator, session, ended):
    assert found(administrator, SESSIONS, application="sample rp") == [session.pk]
    page = administrator.get(reverse(SESSIONS), {"application": "no such client"})
    assert page.context["cl"].result_count == 0
    assert b"no such client" in page.content
    assert found(administrator, SESSIONS, application="no such\0client") == []


def test_sessions_of_one_person_are_a_click_away(administrator, session, bob):
    other = session_of(bob)
    assert f"?user={session.user_id}" in change_page(administrator, session).content.decode()
    assert found(administrator, SESSIONS, user=str(session.user_id)) == [session.pk]
    assert other.pk not in found(administrator, SESSIONS, user=str(session.user_id))


@pytest.mark.parametrize("lookup", ["session_key_hash__startswith", "session_key__contains", "user__password__regex"])
def test_what_a_page_does_not_show_is_not_found_out_by_trying(administrator, session, lookup):
    assert administrator.get(reverse(SESSIONS), {lookup: "a"}).status_code == 400


def test_order_is_that_of_the_index_whatever_the_address_says(administrator, session, ended):
    assert found(administrator, SESSIONS, o="2") == [ended.pk, session.pk]


def test_list_ends_where_it_is_said_to_end(administrator, alice, monkeypatch):
    monkeypatch.setattr(admin_parts, "MOST_LISTED", 3)
    live = [session_of(alice) for _ in range(5)]
    page = administrator.get(reverse(SESSIONS))
    assert page.context["cl"].result_count == 3
    act(administrator, SESSIONS, "end_sessions", live[0], select_across="on", index="0")
    assert list(OPSession.objects.live().filter(user=alice).order_by("pk")) == live[:2]


# Ending


def test_sessions_are_ended_and_that_is_logged(administrator, session):
    page = act(administrator, SESSIONS, "end_sessions", session)
    session.refresh_from_db()
    assert session.end_reason == EndReason.ADMIN
    assert b"1 session ended." in page.content
    assert logged(session) == ["Ended."]


def test_session_that_cannot_be_ended_is_an_error_and_keeps_no_others(administrator, alice, session):
    shop, other = application_at("", "shop"), session_of(alice)
    with unendable(session, shop), pytest.raises(Refused):
        act(administrator, SESSIONS, "end_sessions", session, other)
    assert OPSession.objects.live().filter(user=alice).get() == session
    assert (logged(session), logged(other)) == ([], ["Ended."])


def test_ending_twice_is_no_error(administrator, session):
    act(administrator, SESSIONS, "end_sessions", session)
    assert b"0 sessions ended." in act(administrator, SESSIONS, "end_sessions", session).content
    assert LogEntry.objects.count() == 1


def test_all_sessions_of_a_person_are_ended(administrator, session, bob, alice):
    others, elsewhere = session_of(bob), session_of(alice)
    page = act(administrator, SESSIONS, "end_all_of_people", session)
    assert b"2 sessions ended." in page.content
    assert others in OPSession.objects.live()
    assert logged(elsewhere) == ["Ended."]


def test_sessions_of_nobody_are_nobodys(administrator, session, alice):
    of_deleted = [OPSession.objects.create(user=None, expires_at=timezone.now()) for _ in range(2)]
    page = act(administrator, SESSIONS, "end_all_of_people", of_deleted[0])
    assert b"0 sessions ended." in page.content
    page = change_page(administrator, of_deleted[0]).content.decode()
    assert "end_sessions" in page
    assert "end_all_of_people" not in page


def test_session_is_ended_from_its_page(administrator, session):
    page = change_page(administrator, session).content.decode()
    assert f'action="{reverse(SESSIONS)}"' in page
    assert 'value="end_sessions"' in page
    assert 'value="end_all_of_people"' in page
    act(administrator, SESSIONS, "end_sessions", session)
    assert 'value="end_sessions"' not in change_page(administrator, session).content.decode()


def test_deleting_ends_first(administrator, client, session, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        act(administrator, SESSIONS, "delete_selected", session, post="yes")
    assert not OPSession.objects.filter(pk=session.pk).exists()
    assert client.get("/person/").content == b"nobody"


def test_administrator_is_asked_before_sessions_are_deleted(administrator, session):
    page = act(administrator, SESSIONS, "delete_selected", session).content.decode()
    assert str(session) in page
    assert "Sessions: 1" in page
    assert OPSession.objects.filter(pk=session.pk).exists()


@pytest.mark.parametrize(
    ("permissions", "back"),
    [
        (("view_opsession", "end_opsession", "delete_opsession"), "/admin/oidc_session/opsession/?state=live"),
        (("end_opsession", "delete_opsession"), "/admin/"),
    ],
)
def test_deletion_leads_back_to_the_list_of_those_who_may_look(session, permissions, back):
    deletion = reverse("admin:oidc_session_opsession_delete", args=[session.pk])
    done = staff(*permissions).post(f"{deletion}?_changelist_filters=state%3Dlive", {"post": "yes"})
    assert done.url == back


def test_nothing_can_be_added_or_changed(administrator, session):
    assert administrator.get(reverse("admin:oidc_session_opsession_add")).status_code == 403
    change = reverse("admin:oidc_session_opsession_change", args=[session.pk])
    assert administrator.post(change, {"end_reason": ""}).status_code == 403


# Permissions


def test_staff_who_may_only_look_neither_sees_nor_has_a_way_to_end(session):
    client = staff("view_opsession", "change_opsession")
    assert actions_of(client.get(reverse(SESSIONS))) == set()
    assert b'value="end_' not in change_page(client, session).content
    for action in ("end_sessions", "end_all_of_people", "delete_selected"):
        act(client, SESSIONS, action, session, post="yes")
    assert session in OPSession.objects.live()


def test_staff_with_the_permission_ends(session):
    client = staff("view_opsession", "end_opsession")
    assert actions_of(client.get(reverse(SESSIONS))) == {"end_sessions", "end_all_of_people"}
    assert b'value="end_sessions"' in change_page(client, session).content
    act(client, SESSIONS, "end_sessions", session)
    assert session not in OPSession.objects.live()


def test_who_may_not_end_may_not_delete(session):
    client = staff("view_opsession", "delete_opsession")
    assert actions_of(client.get(reverse(SESSIONS))) == set()
    deletion = reverse("admin:oidc_session_opsession_delete", args=[session.pk])
    assert client.post(deletion, {"post": "yes"}).status_code == 403


def test_who_may_not_look_may_not_end(session):
    act(staff("end_opsession"), SESSIONS, "end_sessions", session)
    assert session in OPSession.objects.live()


# Costs


def test_pages_cost_few_queries_however_many_applications_there_are(administrator, alice):
    session = session_of(alice, *[application_at("", f"rp-{number}") for number in range(30)])
    assert number_of(lambda: change_page(administrator, session)) < 20
    assert number_of(lambda: administrator.get(reverse(SESSIONS), {"q": "alice"})) < 20
    deletion = reverse("admin:oidc_session_opsession_delete", args=[session.pk])
    assert number_of(lambda: administrator.get(deletion)) < 20
    assert number_of(lambda: act(administrator, SESSIONS, "delete_selected", session)) < 20
