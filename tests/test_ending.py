"""The end of many sessions at once: as of one, and at the cost of one."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.db import router, transaction
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oidc_session import ending, ending_many, sessions
from oidc_session.ending_many import Outcome
from oidc_session.models import EndReason, LogoutNotice, OPSession
from oidc_session.signals import op_session_ended
from tests.databases import number_of
from tests.notices import application_at, session_of
from tests.swappable import User
from tests.test_sessions import sign_in
from tests.unendable import Refused, access_token_in, unendable

pytestmark = pytest.mark.django_db

URI = "https://rp.example/backchannel-logout"


@pytest.fixture(autouse=True)
def told(provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)


@pytest.fixture
def applications(db):
    return [application_at(URI, f"rp-{number}") for number in range(3)]


@pytest.fixture
def many(alice, applications):
    return sessions_of(alice, applications, 5)


@pytest.fixture
def announced():
    found = []

    def receive(session, **kwargs):
        found.append((session.pk, session.is_live, session.end_reason))

    op_session_ended.connect(receive)
    yield found
    op_session_ended.disconnect(receive)


def sessions_of(person, applications, number):
    found = [session_of(person, *applications) for _ in range(number)]
    for session in found:
        access_token_in(session, applications[0])
    return found


def end(batch):
    return ending.end(batch, EndReason.ADMIN, tell=lambda keys: None)


def test_all_end_with_what_was_handed_out_and_a_notice_for_each_application(many, django_capture_on_commit_callbacks):
    told = []
    with django_capture_on_commit_callbacks(execute=True):
        ended = ending.end(many, EndReason.ADMIN, tell=told.extend)
    assert ended == many
    assert not OPSession.objects.live().exists()
    assert not get_access_token_model().objects.exists()
    assert LogoutNotice.objects.count() == len(set(told)) == 15
    assert set(LogoutNotice.objects.values_list("client_id", flat=True)) == {"rp-0", "rp-1", "rp-2"}


def test_number_of_queries_does_not_depend_on_that_of_sessions(alice, applications):
    few, many = sessions_of(alice, applications[:1], 2), sessions_of(alice, applications[:1], 30)
    assert number_of(lambda: end(few)) == number_of(lambda: end(many))


def test_each_end_is_announced_once_it_is_committed(many, announced, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        end(many)
        assert announced == []
    assert announced == [(session.pk, False, "admin") for session in many]


def test_those_that_have_ended_already_keep_their_reason_and_are_not_told_again(many):
    sessions.end(many[1], EndReason.USER, tell=lambda keys: None)
    assert end(many) == [many[0], *many[2:]]
    many[1].refresh_from_db()
    assert many[1].end_reason == EndReason.USER
    assert LogoutNotice.objects.count() == 15


def test_of_nobody_nobody_is_ended(many):
    assert end([]) == []


def test_those_that_were_used_meanwhile_are_left_alone(many):
    OPSession.objects.filter(pk=many[3].pk).update(last_activity=timezone.now())
    ended = ending.end(many, EndReason.EXPIRED, tell=lambda keys: None, unless_changed=("last_activity",))
    assert many[3] not in ended
    assert OPSession.objects.live().get() == many[3]


def test_transaction_that_is_taken_back_ends_none(many, announced, django_capture_on_commit_callbacks):
    database = router.db_for_write(OPSession)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic(using=database):
        end(many)
        transaction.set_rollback(True, using=database)
    assert OPSession.objects.live().count() == 5
    assert not LogoutNotice.objects.exists()
    assert announced == []


def test_one_that_cannot_be_ended_keeps_those_of_its_own_batch_alone(many, applications, announced, caplog):
    outcome = Outcome()
    with unendable(many[2], applications[1]):
        with pytest.raises(Refused):
            end(many)
        assert OPSession.objects.live().count() == 5
        assert ending_many.end_each(many, end, outcome) == [*many[:2], *many[3:]]
    assert (outcome.ended, outcome.failed, type(outcome.error)) == (4, 1, Refused)
    assert OPSession.objects.live().get() == many[2]
    assert LogoutNotice.objects.count() == 12
    assert get_access_token_model().objects.count() == 2


def test_batches_are_of_their_size(many):
    assert list(ending_many.batches(OPSession.objects.live(), 2)) == [many[:2], many[2:4], many[4:]]


# Of one person


def test_everywhere_is_everywhere_however_many_sessions_that_are(alice, bob, applications, monkeypatch):
    monkeypatch.setattr(ending_many, "BATCH_SIZE", 2)
    own, *others = sessions_of(alice, applications, 6)
    his = session_of(bob)
    assert sessions.end_all(alice, EndReason.USER, but=own) == len(others)
    assert set(OPSession.objects.live()) == {own, his}


def test_one_that_cannot_be_ended_is_an_error_when_the_persons_others_have_ended(alice, many, applications):
    with unendable(many[0], applications[1]), pytest.raises(Refused):
        sessions.end_all(alice, EndReason.USER)
    assert OPSession.objects.live().get() == many[0]


def test_person_is_not_deleted_while_a_session_cannot_be_ended(alice, many, applications):
    with unendable(many[0], applications[1]), pytest.raises(Refused), transaction.atomic(router.db_for_write(User)):
        alice.delete()
    assert User.objects.filter(username="alice").exists()


# Their Django sessions


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file"])
def test_browsers_are_signed_out(alice, client_factory, settings, tmp_path, django_capture_on_commit_callbacks, engine):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    browsers = [client_factory() for _ in range(3)]
    for browser in browsers:
        sign_in(browser)
        assert SESSION_KEY in browser.session
    with django_capture_on_commit_callbacks(execute=True):
        assert sessions.end_all(alice, EndReason.USER) == 3
    assert [browser.get("/person/").content for browser in browsers] == [b"nobody"] * 3


@pytest.mark.parametrize("engine", ["tests.failing_store", "django.contrib.sessions.backends.db"])
def test_store_that_fails_is_logged_and_ends_nothing_less(
    alice, client_factory, settings, django_capture_on_commit_callbacks, caplog, engine
):
    for _ in range(2):
        sign_in(client_factory())
    settings.SESSION_ENGINE = engine
    with django_capture_on_commit_callbacks(execute=True):
        assert sessions.end_all(alice, EndReason.USER) == 2
    failed = [message for message in caplog.messages if "Django session" in message]
    assert failed == ["Django session not deleted error=ConnectionError"] * (
        2 if engine == "tests.failing_store" else 0
    )


def test_command_asks_a_store_of_the_projects_own_about_each(alice, client_factory, settings, capsys):
    for _ in range(2):
        sign_in(client_factory())
    OPSession.objects.update(expires_at=timezone.now())
    settings.SESSION_ENGINE = "tests.failing_store"
    with pytest.raises(CommandError, match="could not be ended, see the log: 2"):
        call_command("end_expired_sessions")
