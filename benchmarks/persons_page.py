"""What a person with many sessions waits for, in a site with a million of them, on PostgreSQL.

The page "Where you are signed in", and signing out everywhere else with three applications in each session.
Run: python -m tools.with_postgresql python -m benchmarks.persons_page [number of sessions of the site]
"""

import os
import sys
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone

from benchmarks.page_cost import measure
from benchmarks.signed_in_crowd import fill as sign_in
from oidc_session.models import EndReason, LogoutNotice, OPSession
from tests.full_tables import fill
from tests.notices import application_at
from tests.swappable import User

PAGE, ELSE = "/sessions/", "/sessions/everywhere-else/end/"
MOST_SECONDS = 5


def main(site: int) -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    fill(site)
    applications = [application_at(f"https://shop-{number}.example/logout", f"shop-{number}") for number in range(3)]
    print(f"a site with {site:,} sessions\n{'the page':28}{'queries':>8}{'ms':>8}{'kB':>8}  read whole", flush=True)
    browsers = {live: browser_of(live, applications) for live in (1, 30, 1_000)}
    wrong = [live for live, browser in browsers.items() if report_page(live, browser)]
    took, worked, notices = sign_out(browsers[1_000])
    print(f"999 other browsers signed out, 3 applications each: {took:.1f} s ({worked:.1f} s of them work in Python)")
    print(f"{notices:,} notices written")
    sys.exit(f"Too much: {wrong}, {took:.1f} s" if wrong or took > MOST_SECONDS else 0)


def browser_of(live: int, applications: list[object]) -> Client:
    """Return a browser of somebody who has so many live sessions, and a thousand that have ended of late."""
    person = User.objects.create_user(f"person-with-{live}")
    sign_in(1_000, [person.pk], applications)
    OPSession.objects.filter(user=person).update(ended_at=timezone.now() - timedelta(days=1), end_reason=EndReason.USER)
    sign_in(live - 1, [person.pk], applications)
    OPSession.objects.filter(user=person).update(last_activity=F("last_activity") - timedelta(hours=1))
    browser = Client()
    browser.force_login(person)
    return browser


def report_page(live: int, browser: Client) -> bool:
    """Print what the page costs, and return whether that is too much."""
    cost = measure(browser, PAGE)
    what, kilobytes = f"{live:,} live, 1,000 ended", len(cost.response.content) / 1024
    scanned = ", ".join(cost.read_whole) or "-"
    print(f"{what:28}{cost.queries:8}{cost.milliseconds:8.0f}{kilobytes:8.0f}  {scanned}", flush=True)
    return bool(cost.read_whole)


def sign_out(browser: Client) -> tuple[float, float, int]:
    """Return the seconds that it takes to sign out everywhere else, those at work, and how many notices are written."""
    before, begun, idle = LogoutNotice.objects.count(), time.perf_counter(), time.process_time()
    response = browser.post(ELSE)
    took, worked = time.perf_counter() - begun, time.process_time() - idle
    assert response.status_code == 302, response.status_code
    return took, worked, LogoutNotice.objects.count() - before


if __name__ == "__main__":
    assert connection.vendor == "postgresql"
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
