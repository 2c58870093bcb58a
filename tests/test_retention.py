from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from oidc_session import credentials, retention, sessions
from oidc_session.models import ApplicationLogout, Credential, EndReason, LogoutNotice, OPSession, RPSession
from tests.notices import application_at, session_of
from tests.oidc import authorize

pytestmark = pytest.mark.django_db

State = LogoutNotice.State
LONG_AGO = timezone.now() - timedelta(days=31)


@pytest.fixture
def shop():
    return application_at("https://rp.example/backchannel", "shop")


@pytest.fixture
def old(alice, shop):
    """A session that ended long ago, with an application in it that was told."""
    return over(alice, shop)


def over(person, application, **fields):
    session = session_of(person, application)
    OPSession.objects.filter(pk=session.pk).update(ended_at=LONG_AGO, end_reason=EndReason.LOGOUT)
    notice_of(session, **({"state": State.DELIVERED, "closed_at": LONG_AGO} | fields))
    return session


def notice_of(session, **fields):
    joined = session.rp_sessions.get()
    return LogoutNotice.objects.create(
        rp_session=joined,
        application=joined.application,
        client_id="shop",
        sid=joined.sid,
        created_at=LONG_AGO,
        **fields,
    )


def refresh_token(person, application, **fields):
    family = uuid4()
    get_refresh_token_model().objects.create(
        user=person, application=application, token="a refresh token", token_family=family, **fields
    )
    return family


def run(*arguments, **options):
    output = StringIO()
    call_command("clear_op_sessions", *arguments, stdout=output, stderr=output, **options)
    return output.getvalue().splitlines()


def numbers(lines):
    return [int(line.split(": ")[1].split()[0]) for line in lines]


def test_what_is_over_is_deleted(old):
    credentials.attach(old.rp_sessions.get(), Credential.Kind.ACCESS_TOKEN, 4711)
    assert run() == [
        "Deleted: 1 sessions",
        "Deleted: 1 applications of sessions",
        "Deleted: 1 ties to tokens",
        "Deleted: 1 logout notices",
        "Deleted: 0 logouts of everybody",
    ]
    for model in (OPSession, RPSession, Credential, LogoutNotice):
        assert not model.objects.exists()
    assert numbers(run()) == [0, 0, 0, 0, 0]


def test_nothing_is_deleted_in_a_dry_run(old):
    lines = run("--dry-run")
    assert lines[0] == "Would be deleted: 1 sessions"
    assert numbers(lines) == [1, 0, 0, 1, 0]
    assert OPSession.objects.exists()
    assert LogoutNotice.objects.exists()


def test_live_sessions_and_those_that_ended_lately_are_kept(alice, bob, shop):
    session_of(alice, shop)
    sessions.end(session_of(bob, shop), EndReason.LOGOUT)
    OPSession.objects.update(started_at=LONG_AGO)
    assert numbers(run()) == [0, 0, 0, 0, 0]


def test_notice_that_is_to_be_sent_is_never_lost(alice, shop):
    session = over(alice, shop, state=State.PENDING, closed_at=None)
    notice_of(session, state=State.DELIVERED, closed_at=LONG_AGO)
    assert numbers(run()) == [0, 0, 0, 1, 0]
    assert LogoutNotice.objects.get().state == State.PENDING
    assert OPSession.objects.exists()


def test_notice_sent_again_lately_keeps_its_session(alice, shop):
    over(alice, shop, closed_at=timezone.now())
    assert numbers(run()) == [0, 0, 0, 0, 0]


def test_notice_of_a_deleted_session_is_deleted_when_its_time_has_come(old):
    OPSession.objects.all().delete()
    assert LogoutNotice.objects.get().rp_session is None
    assert numbers(run()) == [0, 0, 0, 1, 0]


def test_session_that_a_refresh_token_outlives_is_kept_until_that_is_over(alice, old, shop):
    family = refresh_token(alice, shop)
    credentials.attach(old.rp_sessions.get(), Credential.Kind.OUTLIVING_TOKEN_FAMILY, family)
    assert numbers(run()) == [0, 0, 0, 1, 0]
    assert credentials.find(family, Credential.Kind.OUTLIVING_TOKEN_FAMILY).is_good
    get_refresh_token_model().objects.update(revoked=timezone.now())
    assert numbers(run()) == [1, 1, 1, 0, 0]


def test_ties_to_what_is_not_there_any_more_are_deleted(client, alice, application):
    client.force_login(alice)
    authorize(client)
    joined = RPSession.objects.get()
    access = get_access_token_model().objects.create(
        user=alice, application=application, token="an access token", expires=timezone.now()
    )
    kept = refresh_token(alice, application, revoked=timezone.now())
    ties = [
        ("access_token", access.pk),
        ("token_family", kept),
        ("token_family", uuid4()),
        ("id_token", 1),
        ("device_code", 1),
    ]
    for kind, key in ties:
        credentials.attach(joined, Credential.Kind(kind), key)
    assert numbers(run("--dry-run", "--batch-size=2")) == [0, 0, 3, 0, 0]
    assert numbers(run("--batch-size=2")) == [0, 0, 3, 0, 0]
    assert sorted(Credential.objects.values_list("kind", flat=True)) == ["access_token", "token_family"]
    assert numbers(run()) == [0, 0, 0, 0, 0]


def test_finished_orders_are_deleted_and_others_kept(shop):
    for finished in (LONG_AGO, timezone.now(), None):
        ApplicationLogout.objects.create(application=shop, ordered_at=LONG_AGO, finished_at=finished)
    assert numbers(run()) == [0, 0, 0, 0, 1]


def test_batches_are_small_and_each_is_said_on_demand(alice, shop):
    for _ in range(5):
        over(alice, shop)
    lines = run("--batch-size=2", verbosity=2)
    assert [line for line in lines if line.startswith("So far")][:3] == [
        "So far: {'logout notices': 2}",
        "So far: {'logout notices': 4}",
        "So far: {'logout notices': 5}",
    ]
    assert "Deleted: 5 sessions" in lines


def test_time_to_remember_is_the_setting_s_or_the_command_s(old, provider):
    provider(OIDC_SESSION_RETENTION_DAYS=40)
    assert numbers(run())[0] == 0
    assert numbers(run("--days=32"))[0] == 0
    assert numbers(run("--days=30"))[0] == 1


@pytest.mark.parametrize("days", [0, -1, "30"])
def test_time_that_is_none_is_an_error_and_deletes_nothing(old, provider, days):
    provider(OIDC_SESSION_RETENTION_DAYS=days)
    with pytest.raises(CommandError, match="OIDC_SESSION_RETENTION_DAYS must be a number of days above zero"):
        run()
    assert OPSession.objects.exists()


def test_sessions_that_cannot_be_deleted_are_an_error_and_keep_no_others(alice, shop, monkeypatch, caplog):
    protected, *_others = (over(alice, shop) for _ in range(3))
    delete = QuerySet.delete

    def refuse(rows):
        if rows.model is OPSession and rows.filter(pk=protected.pk).exists():
            raise ProtectedError("a row of the project's own", set())
        return delete(rows)

    monkeypatch.setattr(QuerySet, "delete", refuse)
    with pytest.raises(CommandError, match="see the log: 1"):
        run("--batch-size=1")
    assert OPSession.objects.get() == protected
    assert caplog.messages == ["Sessions not deleted sessions=1 error=ProtectedError"]


def test_numbers_have_the_names_of_all_that_is_deleted_along(old):
    with_sessions = {related.related_model._meta.label for related in OPSession._meta.related_objects}
    assert with_sessions <= set(retention.NAMES)
