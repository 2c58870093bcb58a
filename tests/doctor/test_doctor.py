"""manage.py oidc_session_doctor: what it asks of which provider, how it prints, and how it ends."""

import os
import re
import subprocess
import sys
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils.http import parse_http_date

from oidc_session.doctor import examination, findings, house
from oidc_session.doctor.findings import Finding, Result
from tests.doctor.mistakes_of_proxies import DISCOVERY, IFRAME, adds, at, drops, edits, replaces
from tests.doctor.test_mistakes import remedies, troubles
from tests.processes import ROOT
from tests.servers import manage

GUIDE = ROOT / "docs" / "howto" / "doctor.md"
NEW_YEAR = "Thu, 01 Jan 2026 00:00:00 GMT"


def checks(found):
    return {finding["check"] for finding in found}


def test_each_check_has_a_name_of_its_own(site, doctor):
    names = examination.names()
    assert len(names) == len(set(names))
    assert checks(doctor()[0]) == set(names)


def test_each_check_is_in_the_guide():
    assert re.findall(r"^\| `(.+?)` \|", GUIDE.read_text(), re.MULTILINE) == examination.names()


def test_issuer_is_taken_from_the_settings(site, doctor):
    assert {"check": "issuer", "result": "ok", "found": site.url, "remedy": ""} in doctor()[0]


def test_table_has_a_line_for_each_check_and_for_each_remedy(site, doctor):
    site.after = at(IFRAME, adds("X-Frame-Options", "DENY"))
    printed = StringIO()
    with pytest.raises(CommandError, match="Findings that fail: 1"):
        call_command("oidc_session_doctor", stdout=printed)
    lines = printed.getvalue().splitlines()
    assert len(lines) == len(examination.names()) + 1
    assert "ERROR    iframe framing         X-Frame-Options: DENY" in lines
    assert "         -> Take it from this address." in printed.getvalue()


def test_terminal_is_not_steered_by_what_a_site_says():
    table = findings.as_table([Finding(Result.ERROR, "\x1b[2J\nOK", "\x9b1m", "issuer")])
    assert "\x1b" not in table
    assert "\x9b" not in table
    assert len(table.splitlines()) == 2


def test_site_that_is_nowhere_named(provider):
    provider(OIDC_ISS_ENDPOINT=None)
    with pytest.raises(CommandError, match="--url"):
        call_command("oidc_session_doctor")


def test_name_and_password_in_the_url_are_neither_sent_nor_shown(site, doctor, provider):
    provider(OIDC_ISS_ENDPOINT=None)
    seen = []
    site.before = lambda headers: seen.append(headers)
    found, _ = doctor("--url", site.url.replace("//", "//alice:password@"))
    assert seen
    assert "password" not in str(found)
    assert troubles(found) == []
    assert site.url in str(found)


def test_provider_without_session_management_has_no_iframe_to_ask_for(site, doctor, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=None, OIDC_RP_INITIATED_LOGOUT_ENABLED=None)
    site.after = at(DISCOVERY, edits(check_session_iframe=None, end_session_endpoint=None))
    found, _ = doctor()
    assert troubles(found) == []
    assert not checks(found) & {"iframe", "cookie"}


def test_provider_without_back_channel_logout_has_no_notices(site, doctor, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=None)
    assert {"check": "notices", "result": "ok", "found": "", "remedy": ""} in doctor()[0]


def test_provider_without_applications(site, doctor):
    site.application.delete()
    found, failed = doctor()
    assert not failed
    assert "no application is registered" in str(found)


def test_application_without_a_web_page_is_not_asked_for(site, doctor):
    site.application.redirect_uris = "my.app:/callback"
    site.application.save()
    assert "no application is registered" in str(doctor()[0])


def test_status_request_that_is_turned_off_is_not_made(site, doctor, provider):
    provider(OIDC_SESSION_STATUS_INTERVAL=0)
    assert {"check": "status request", "result": "ok", "found": "", "remedy": ""} in doctor()[0]


def test_endpoints_that_the_project_has_put_elsewhere_are_no_mistake(site, doctor, provider):
    provider(
        OIDC_USERINFO_ENDPOINT="https://inside.example/userinfo",
        OIDC_SESSION_IFRAME_ENDPOINT="https://frames.example/check",
    )
    site.after = at(DISCOVERY, edits(userinfo_endpoint="https://inside.example/userinfo"))
    assert not remedies(doctor()[0], "endpoints")


def test_answer_out_of_a_cache_is_as_old_as_that_says(site, doctor):
    site.after = at(DISCOVERY, drops("date"), adds("Date", NEW_YEAR))
    assert remedies(doctor()[0], "clock")
    age = round(time.time() - parse_http_date(NEW_YEAR))
    site.after = at(DISCOVERY, drops("date"), adds("Date", NEW_YEAR), adds("Age", str(age)))
    assert not remedies(doctor()[0], "clock")


def test_clock_that_nobody_tells_is_not_compared(site, doctor):
    site.after = at(DISCOVERY, drops("date"), adds("Date", "yesterday"))
    assert not remedies(doctor()[0], "clock")


def test_domain_of_the_cookie_may_be_that_above(site, doctor):
    site.after = at("/o/authorize/", replaces("set-cookie", "Path=/", "Path=/; Domain=.localhost"))
    assert not remedies(doctor()[0], "cookie")


def test_database_that_fails_is_a_finding(site, doctor, monkeypatch):
    def fails(site):
        raise DatabaseError("the password is demo-pass")

    monkeypatch.setattr(house, "QUESTIONS", (fails,))
    found, failed = doctor()
    assert failed
    assert "the database fails: DatabaseError" in str(found)
    assert "demo-pass" not in str(found)


def test_command_line_ends_with_an_exit_code(tmp_path):
    """The sample provider, whose site is not running."""
    run = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'op.sqlite3'}", "OP_URL": "https://127.0.0.1:9"}
    manage("migrate", "op", run)
    command = [sys.executable, "-m", "django", "oidc_session_doctor", "--settings", "testproject.op.settings"]
    done = subprocess.run(command, cwd=ROOT, env=run, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "OK       migrations" in done.stdout
    assert "ERROR    discovery" in done.stdout
