import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from oidc_session import sessions
from oidc_session.models import Consent, EndReason, OPSession
from tests.notices import application_at, notice_of, session_of
from tests.oidc import authorize

LEDGER = "admin:oidc_session_logoutnotice_changelist"
SESSIONS = "admin:oidc_session_opsession_changelist"
CONSENTS = "admin:oidc_session_consent_changelist"

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client_factory):
    client = client_factory()
    client.force_login(get_user_model().objects.create_superuser("root", password="demo-pass"))
    return client


@pytest.fixture
def session(client, alice, application):
    client.force_login(alice)
    authorize(client)
    return OPSession.objects.get(user=alice)


def act(client, page, action, *objects, **more):
    data = {"action": action, "_selected_action": [row.pk for row in objects]} | more
    return client.post(reverse(page), data, follow=True)


def test_sessions_are_shown_without_their_keys(administrator, session):
    page = administrator.get(reverse("admin:oidc_session_opsession_change", args=[session.pk]))
    assert session.rp_sessions.get().sid in page.content.decode()
    assert session.session_key not in page.content.decode()
    assert session.session_key_hash not in page.content.decode()


def test_sessions_are_found_by_sid_and_by_person(administrator, session):
    for query in (session.rp_sessions.get().sid, "alice"):
        assert administrator.get(reverse(SESSIONS), {"q": query}).context["cl"].result_count == 1


def test_sessions_are_ended_and_that_is_logged(administrator, session):
    page = act(administrator, SESSIONS, "end_sessions", session)
    session.refresh_from_db()
    assert session.end_reason == EndReason.ADMIN
    assert b"1 session ended." in page.content
    assert LogEntry.objects.get().object_id == str(session.pk)


def test_ending_twice_is_no_error(administrator, session):
    act(administrator, SESSIONS, "end_sessions", session)
    assert b"0 sessions ended." in act(administrator, SESSIONS, "end_sessions", session).content


def test_deleting_ends_first(administrator, client, session, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        act(administrator, SESSIONS, "delete_selected", session, post="yes")
    assert not OPSession.objects.filter(pk=session.pk).exists()
    assert client.get("/person/").content == b"nobody"


def test_nothing_can_be_added_or_changed(administrator, session):
    assert administrator.get(reverse("admin:oidc_session_opsession_add")).status_code == 403
    change = reverse("admin:oidc_session_opsession_change", args=[session.pk])
    assert administrator.post(change, {"end_reason": ""}).status_code == 403


def test_consent_is_revoked_by_deleting_it(administrator, alice, application):
    consent = Consent.objects.create(user=alice, application=application, scope="openid")
    assert b"openid" in administrator.get(reverse(CONSENTS)).content
    act(administrator, CONSENTS, "delete_selected", consent, post="yes")
    assert not Consent.objects.exists()


# The ledger


@pytest.fixture
def notice(alice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("https://rp.example/backchannel?key=secret", "shop")
    sessions.end(session_of(alice, application), EndReason.ADMIN)
    return notice_of(application)


def test_ledger_is_shown_and_found_by_client_and_by_sid(administrator, notice):
    for query in ("shop", notice.sid):
        page = administrator.get(reverse(LEDGER), {"q": query})
        assert page.context["cl"].result_count == 1
        assert b"secret" not in page.content
    assert administrator.get(reverse(LEDGER), {"state": "failed"}).context["cl"].result_count == 0


def test_ledger_can_be_neither_changed_nor_deleted(administrator, notice):
    row = reverse("admin:oidc_session_logoutnotice_change", args=[notice.pk])
    assert notice.sid in administrator.get(row).content.decode()
    assert administrator.post(row, {"state": "delivered"}).status_code == 403
    assert administrator.post(row.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert administrator.get(reverse("admin:oidc_session_logoutnotice_add")).status_code == 403
    notice.refresh_from_db()
    assert notice.state == "pending"
