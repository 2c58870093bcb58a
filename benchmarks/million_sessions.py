"""Whether what sessions cost depends on how many there are: 1,000 against 1,000,000, on PostgreSQL.

Run: python -m tools.with_postgresql python -m benchmarks.million_sessions
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment
from oauth2_provider.models import get_application_model

from oidc_session import sessions
from oidc_session.models import EndReason, OPSession
from tests.oidc import authorize, query_of

ROUNDS = 40
FILL = """
INSERT INTO oidc_session_opsession (user_id, auth_time, started_at, last_activity, expires_at, end_reason,
    session_key, session_key_hash, user_agent)
SELECT %(user)s, now(), now(), now(), now() + interval '14 days', '', '', md5(n::text) || md5(n::text), ''
FROM generate_series(%(first)s, %(last)s) n;
INSERT INTO oidc_session_rpsession (op_session_id, application_id, sid, joined_at)
SELECT id, %(application)s, 'sid-' || id, now() FROM oidc_session_opsession o
WHERE NOT EXISTS (SELECT 1 FROM oidc_session_rpsession r WHERE r.op_session_id = o.id);
INSERT INTO oidc_session_credential (rp_session_id, kind, key)
SELECT id, 'token_family', md5(id::text) FROM oidc_session_rpsession r
WHERE NOT EXISTS (SELECT 1 FROM oidc_session_credential c WHERE c.rp_session_id = r.id);
ANALYZE;
"""


def main() -> None:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    person = get_user_model().objects.create_user("alice", password="demo-pass")
    crowd = get_user_model().objects.create_user("crowd")
    application = get_application_model().objects.create(
        client_id="sample rp",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris="https://rp.example/callback",
        algorithm="RS256",
        skip_authorization=True,
    )
    results: dict[int, dict[str, float]] = {}
    first = 1
    for number in (1_000, 1_000_000):
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"user": crowd.pk, "application": application.pk, "first": first, "last": number})
        first = number + 1
        results[number] = measure(person)
    report(results)


def measure(person: object) -> dict[str, float]:
    """Return the median milliseconds of what a session goes through."""
    client = Client()
    times: dict[str, list[float]] = {}

    def timed(name: str, call: Callable[[], object]) -> object:
        begun = time.perf_counter()
        result = call()
        times.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
        return result

    for _ in range(ROUNDS):
        client.cookies.clear()
        timed("login", lambda: client.force_login(person))
        timed("first authorization", lambda: query_of(authorize(client)))
        timed("next authorization", lambda: query_of(authorize(client)))
        timed("status request", lambda: client.get("/o/session-status/"))
        session = OPSession.objects.live().filter(user=person).latest("pk")
        timed("end", lambda session=session: sessions.end(session, EndReason.ADMIN))
    return {name: statistics.median(found) for name, found in times.items()}


def report(results: dict[int, dict[str, float]]) -> None:
    few, many = results.values()
    print(f"{'milliseconds, median of ' + str(ROUNDS):32}{'1,000':>10}{'1,000,000':>12}{'ratio':>8}")
    for name in few:
        print(f"{name:32}{few[name]:10.2f}{many[name]:12.2f}{many[name] / few[name]:8.2f}")


if __name__ == "__main__":
    main()
