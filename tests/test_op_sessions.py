import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from oidc_session import rp_sessions, sessions
from oidc_session.models import EndReason, OPSession, RPSession
from tests.notices import application_at, session_of
from tests.unendable import unendable

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return application_at("", "shop")


@pytest.fixture
def hers(alice, shop):
    return session_of(alice, shop)


@pytest.fixture
def his(bob):
    return session_of(bob)


def run(*arguments, **options):
    output = StringIO()
    call_command("op_sessions", *arguments, stdout=output, **options)
    return output.getvalue()


def listed(*arguments):
    return [session["id"] for session in json.loads(run("--json", *arguments))]


def test_live_sessions_are_listed_the_newest_first(hers, his):
    sessions.end(his, EndReason.LOGOUT)
    assert listed() == [hers.pk]
    assert listed("--ended") == [his.pk, hers.pk]
    assert listed("--ended", "--limit=1") == [his.pk]


def test_sessions_are_found_by_person_sid_and_application(hers, his, shop):
    for asked in (["--user=alice"], [f"--sid={hers.rp_sessions.get().sid}"], ["--application=shop"]):
        assert listed(*asked) == [hers.pk]
    assert listed("--user=bob", "--application=shop") == []
    assert listed("--sid=unknown") == []


def test_session_is_described_without_its_keys(hers, shop):
    OPSession.objects.update(session_key="encrypted", session_key_hash="hash", address="192.0.2.1")
    [described] = json.loads(run("--json"))
    assert (described["user"], described["address"], described["ended_at"]) == ("alice", "192.0.2.1", None)
    [joined] = described["applications"]
    assert (joined["client_id"], joined["sid"]) == ("shop", hers.rp_sessions.get().sid)
    assert "encrypted" not in str(described)
    assert "hash" not in str(described)


def test_lines_are_for_people(hers, alice):
    begun = OPSession.objects.get().started_at.isoformat()
    assert run() == f"{hers.pk}  alice  {begun}  -  live  shop\n"
    sessions.end(hers, EndReason.ADMIN)
    assert "  admin 2" in run("--ended")


def test_session_of_a_deleted_person_is_listed():
    OPSession.objects.create(user=None, expires_at=timezone.now())
    assert json.loads(run("--json"))[0]["user"] is None


def test_sessions_of_a_person_are_ended(hers, his):
    assert run("--user=alice", "--end") == "Sessions ended: 1\nSessions failed: 0\n"
    assert OPSession.objects.live().get() == his
    assert OPSession.objects.get(pk=hers.pk).end_reason == EndReason.ADMIN
    assert json.loads(run("--user=alice", "--end", "--json")) == {"ended": 0, "failed": 0}


def test_session_of_a_sid_is_ended(hers, his):
    run("--end", f"--sid={hers.rp_sessions.get().sid}")
    assert OPSession.objects.live().get() == his


def test_sessions_with_an_application_are_ended_in_batches(alice, his, shop, capsys):
    for _ in range(3):
        session_of(alice, shop)
    run("--end", "--application=shop", "--batch-size=2", verbosity=2)
    assert capsys.readouterr().err == "Sessions ended so far: 2\nSessions ended so far: 3\n"
    assert OPSession.objects.live().get() == his


def test_session_that_the_application_has_left_is_not_one_with_it(hers, shop):
    rp_sessions.end(RPSession.objects.get())
    assert listed("--application=shop") == []


def test_nothing_is_ended_in_a_dry_run(hers, his):
    assert run("--user=alice", "--end", "--dry-run") == "Sessions would be ended: 1\n"
    assert OPSession.objects.live().count() == 2


def test_nobody_is_not_everybody(hers):
    with pytest.raises(CommandError, match="--end needs --user, --sid or --application"):
        run("--end")
    assert OPSession.objects.live().exists()


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("--user=carol", "There is no person with the user name 'carol'"),
        ("--application=carol", "There is no application with the client_id 'carol'"),
    ],
)
def test_whoever_is_unknown_is_an_error(asked, what):
    with pytest.raises(CommandError, match=what):
        run(asked, "--end")


def test_session_that_cannot_be_ended_is_an_error_and_keeps_no_others(alice, hers, shop, caplog):
    another = session_of(alice)
    with unendable(hers, shop), pytest.raises(CommandError, match="see the log: 1"):
        run("--user=alice", "--end")
    assert OPSession.objects.live().get() == hers
    assert not OPSession.objects.get(pk=another.pk).is_live
    assert caplog.messages == [f"Session not ended op_session={hers.pk}"]
