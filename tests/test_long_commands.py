"""What the commands on very many rows share: dry runs that write nothing, progress on demand, and exit codes."""

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from oidc_session import application_logout, rp_sessions, sessions, tasks
from oidc_session.models import ApplicationLogout, EndReason, LogoutNotice, OPSession, RPSession
from tests.databases import captured_queries
from tests.notices import application_at, session_of
from tests.processes import ROOT, environment
from tests.receivers import Answers, receiver

pytestmark = pytest.mark.django_db(transaction=True)

PROVIDER = {
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.1"],
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
}
DRY_RUNS = {
    ("end_expired_sessions",): "Sessions that would be ended: 3\n",
    ("end_expired_sessions", "--check-all", "--batch-size=2"): "Sessions that would be ended: 3\n",
    ("send_logout_notices",): "Notices that would be sent: 1\n",
    ("sign_out_everybody", "rp-1"): "People who would be signed out: 3\n",
    ("sign_out_everybody", "--unfinished"): "Would be signed out of rp-1: 3\n",
    ("op_sessions", "--end", "--user=alice"): "Sessions would be ended: 3\n",
    ("clear_op_sessions",): "Would be deleted: 0 sessions\n",
}


@pytest.fixture
def application(provider, monkeypatch):
    """One that nobody tells: what is due is for the command."""
    monkeypatch.setattr(tasks, "tell_later", lambda keys: None)
    provider(**PROVIDER)
    return application_at("http://127.0.0.1:9/backchannel-logout")


@pytest.fixture
def much_to_do(alice, application):
    """Three expired sessions, a notice that is due, and an order that nobody is at."""
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    for _ in range(3):
        session_of(alice, application)
    ApplicationLogout.objects.create(application=application, ordered_at=timezone.now())


def run(capsys, *arguments, **options):
    call_command(*arguments, **options)
    return capsys.readouterr()


@pytest.mark.parametrize("arguments", DRY_RUNS, ids=" ".join)
def test_dry_run_says_what_would_be_done_and_writes_nothing(much_to_do, arguments, capsys):
    with captured_queries() as queries:
        said = run(capsys, *arguments, "--dry-run").out
    assert said.startswith(DRY_RUNS[arguments])
    assert [query for query in queries if not query.startswith("SELECT")] == []


def test_dry_run_of_what_is_off_has_nothing_to_send(much_to_do, provider, capsys):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    assert run(capsys, "send_logout_notices", "--dry-run").out == "Notices that would be sent: 0\n"


def test_dry_run_is_no_loop():
    with pytest.raises(CommandError, match="leave --loop out"):
        call_command("send_logout_notices", "--loop", "--dry-run")


def test_expiry_says_how_far_it_has_come(much_to_do, capsys):
    said = run(capsys, "end_expired_sessions", "--batch-size=2", verbosity=2)
    assert said.err == "Sessions ended so far: 2\nSessions ended so far: 3\n"
    assert said.out == "Sessions ended: 3\n"


@pytest.mark.parametrize("arguments", [("rp-1",), ("--unfinished",)], ids=" ".join)
def test_sign_out_says_how_far_it_has_come(much_to_do, capsys, arguments):
    said = run(capsys, "sign_out_everybody", *arguments, verbosity=2)
    assert said.err == "Signed out of rp-1 so far: 3\n"


def test_sending_says_how_far_it_has_come(alice, provider, capsys, monkeypatch):
    provider(**PROVIDER)
    monkeypatch.setattr("oidc_session.management.commands.send_logout_notices.PROGRESS_SECONDS", 0.01)

    def slowly(peer):
        peer.read_request()
        peer.wait(0.3)
        peer.send(Answers(200).answer)

    with receiver(slowly) as rp:
        sessions.end(session_of(alice, application_at(rp.url)), EndReason.ADMIN, tell=lambda keys: None)
        said = run(capsys, "send_logout_notices", verbosity=2)
    assert "Applications told: 0, not told yet: 0 so far\n" in said.err
    assert said.out == "Applications told: 1, not told yet: 0\n"


def test_nothing_of_that_is_said_unasked(much_to_do, capsys):
    for command in (["end_expired_sessions"], ["sign_out_everybody", "rp-1"], ["clear_op_sessions"]):
        assert run(capsys, *command).err == ""


@pytest.mark.parametrize("arguments", [("rp-1",), ("--unfinished",)], ids=" ".join)
def test_session_of_an_application_that_cannot_be_ended_fails(much_to_do, monkeypatch, arguments, caplog):
    failing, end = RPSession.objects.latest("pk"), rp_sessions.end

    def fail(rp_session, **manner):
        if rp_session == failing:
            raise ValueError
        return end(rp_session, **manner)

    monkeypatch.setattr(application_logout.rp_sessions, "end", fail)
    with pytest.raises(CommandError, match="could not be ended, see the log: 1"):
        call_command("sign_out_everybody", *arguments)
    assert RPSession.objects.filter(ended_at=None, op_session__ended_at=None).get() == failing


# Exit codes, of the command itself


def exit_code(tmp_path, *arguments):
    command = [sys.executable, "-m", "django", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(tmp_path, **PROVIDER), capture_output=True, check=False)
    return done.returncode


def test_application_that_refuses_is_in_the_ledger_and_no_failure_of_the_command(alice, provider, tmp_path):
    provider(**PROVIDER)
    with receiver(Answers(400)) as rp:
        sessions.end(session_of(alice, application_at(rp.url)), EndReason.ADMIN, tell=lambda keys: None)
        assert exit_code(tmp_path, "send_logout_notices") == 0
    assert LogoutNotice.objects.get().state == LogoutNotice.State.FAILED


def test_nothing_to_do_is_no_failure(application, tmp_path):
    assert exit_code(tmp_path, "end_expired_sessions") == 0
    assert not OPSession.objects.exists()


def test_unknown_application_is_a_failure(application, tmp_path):
    assert exit_code(tmp_path, "sign_out_everybody", "nobody") == 1


def test_option_that_is_none_is_a_wrong_call(application, tmp_path):
    assert exit_code(tmp_path, "end_expired_sessions", "--soon") == 2
