"""Whether what sessions cost depends on how many there are: 1,000 against 1,000,000, on PostgreSQL.

Run: python -m tools.with_postgresql python -m benchmarks.many_sessions [number of sessions]
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, TypeVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment

from benchmarks.rows import Row, show
from oidc_session import sessions
from oidc_session.models import EndReason, OPSession
from tests.oidc import REDIRECT_URI, authorize, query_of
from tests.swappable import Application, User

T = TypeVar("T")
ROUNDS = 40
SECRET = "only-for-benchmarks"
FEW, MANY = 1_000, 1_000_000
FILL = """
INSERT INTO oidc_session_opsession (user_id, auth_time, started_at, last_activity, expires_at, end_reason,
    session_key, session_key_hash, user_agent)
SELECT %(user)s, now(), now(), now(), now() + interval '14 days', '', '', md5(n::text) || md5(n::text), ''
FROM generate_series(%(first)s, %(last)s) n;
INSERT INTO oidc_session_rpsession (op_session_id, application_id, sid, joined_at, iss, sub)
SELECT id, %(application)s, 'sid-' || id, now(), '', '' FROM oidc_session_opsession WHERE id > %(after)s;
INSERT INTO oidc_session_credential (rp_session_id, kind, key, auth_time)
SELECT id, 'token_family', md5(id::text)::uuid, now() FROM oidc_session_rpsession WHERE op_session_id > %(after)s;
ANALYZE;
"""


def measure(many: int) -> Iterator[Row]:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    person, crowd = (User.objects.create_user(name, password="demo-pass") for name in ("alice", "crowd"))
    application = make_application()
    life_of_sessions(person)  # Imports, caches and plans.
    took = {}
    for first, number in ((1, FEW), (FEW + 1, many)):
        fill(crowd.pk, application.pk, first, number)
        took[number] = life_of_sessions(person)
    for name in took[FEW]:
        few, lots = (1000 * median(took[number][name]) for number in (FEW, many))
        yield Row(f"{many:,} sessions over {FEW:,}, PostgreSQL: {name} ({lots:.1f} ms)", "times", lots / few, 1.2)


def make_application() -> Any:
    return Application.objects.create(
        client_id="sample rp",
        client_secret=SECRET,
        hash_client_secret=False,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=REDIRECT_URI,
        algorithm="RS256",
        skip_authorization=True,
    )


def fill(person: int, application: int, first: int, last: int) -> None:
    after = OPSession.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        values = {"user": person, "application": application, "first": first, "last": last, "after": after}
        cursor.execute(FILL, values)


def life_of_sessions(person: Any) -> dict[str, list[float]]:
    """Return the seconds of each thing that a session goes through, one for each round."""
    client, times = Client(), {}

    def timed(name: str, call: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = call()
        times.setdefault(name, []).append(time.perf_counter() - begun)
        return result

    for _ in range(ROUNDS):
        client.cookies.clear()
        timed("login", lambda: client.force_login(person))
        code = timed("first authorization", lambda: query_of(authorize(client)))["code"]
        timed("next authorization", lambda: authorize(client))
        tokens = ask(grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI).json()
        timed("refresh", lambda held=tokens: ask(grant_type="refresh_token", refresh_token=held["refresh_token"]))
        timed("status request", lambda: client.get("/o/session-status/"))
        session = OPSession.objects.live().filter(user=person).latest("pk")
        timed("logout", lambda session=session: sessions.end(session, EndReason.ADMIN))
    return times


def ask(**form: str) -> Any:
    response = Client().post("/o/token/", {"client_id": "sample rp", "client_secret": SECRET} | form)
    assert response.status_code == 200, response.content
    return response


if __name__ == "__main__":
    show(measure(int(sys.argv[1]) if sys.argv[1:] else MANY))
