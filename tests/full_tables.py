"""A provider on PostgreSQL with very many sessions, and the pages of the admin that show them.

fill(20_000)
for name, address in pages().items():
    ...
assert sequential_scans(queries) == set()
"""

import json
import re

from django.db import connection
from django.urls import reverse

from oidc_session.models import ApplicationLogout, Consent, Credential, EndReason, LogoutNotice, OPSession, RPSession
from tests.administration import APPLICATIONS, CONSENTS, LEDGER, ORDERS, SESSIONS
from tests.notices import application_at
from tests.swappable import User

APPLICATION_NUMBER = 40
BIG = {model._meta.db_table for model in (OPSession, RPSession, Credential, LogoutNotice, Consent)}
# Of each hundred sessions some are live, and the rest have ended for one reason or another; one of a thousand notices
# waits, and five have failed. Most people are signed in at a few applications, and the last one is nearly nobody's.
FILL = f"""
INSERT INTO {User._meta.db_table}
    (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT 'person' || n, '', false, '', '', '', false, true, now() FROM generate_series(1, %(people)s) n;
INSERT INTO oidc_session_opsession
    (user_id, auth_time, started_at, last_activity, expires_at, ended_at, end_reason, session_key, session_key_hash,
     user_agent, address)
SELECT %(first_person)s + n %% %(people)s, at, at, at, at + interval '14 days',
    CASE WHEN n %% 100 < 15 THEN NULL ELSE at + interval '8 hours' END,
    CASE WHEN n %% 100 < 15 THEN '' WHEN n %% 1000 = 999 THEN 'admin' WHEN n %% 100 < 60 THEN 'expired'
        ELSE 'logout' END,
    '', md5(n::text) || md5(n::text), 'Mozilla/5.0', '10.0.0.0'::inet + n
FROM (SELECT n, now() - interval '90 days' * (1 - n / %(sessions)s::float) AS at
      FROM generate_series(1, %(sessions)s) n) sessions ORDER BY n;
INSERT INTO oidc_session_rpsession (op_session_id, application_id, sid, joined_at, iss, sub)
SELECT id, %(first_application)s + CASE WHEN id %% 10000 = 0 THEN %(applications)s - 1
    ELSE trunc((%(applications)s - 1) * power(id * 7919 %% 1000 / 1000.0, 3)) END::int, 'sid-' || id, started_at, '', ''
FROM oidc_session_opsession ORDER BY id;
INSERT INTO oidc_session_credential (rp_session_id, kind, key, auth_time)
SELECT id, 'token_family', md5(id::text), joined_at FROM oidc_session_rpsession;
INSERT INTO oidc_session_logoutnotice
    (id, rp_session_id, application_id, client_id, channel, iss, sub, sid, state, problem, attempts, created_at,
     closed_at)
SELECT gen_random_uuid(), r.id, r.application_id, 'rp-' || r.application_id - %(first_application)s, 'backchannel',
    '', '', r.sid,
    CASE WHEN r.id %% 1000 = 1 THEN 'pending' WHEN r.id %% 1000 < 6 THEN 'failed' WHEN r.id %% 1000 < 50 THEN 'untold'
        ELSE 'delivered' END,
    CASE WHEN r.id %% 1000 < 6 THEN 'timeout' WHEN r.id %% 1000 < 50 THEN 'no_uri' ELSE '' END,
    1, r.joined_at, CASE WHEN r.id %% 1000 = 1 THEN NULL ELSE r.joined_at END
FROM oidc_session_rpsession r ORDER BY r.id;
INSERT INTO oidc_session_consent (user_id, application_id, scope, given_at)
SELECT %(first_person)s + n, %(first_application)s, 'openid', now() FROM generate_series(0, %(people)s - 1) n;
"""


def fill(sessions):
    """Write so many sessions, of a tenth as many people, with an application each, and as many notices."""
    applications = [application_at("", f"rp-{number}") for number in range(APPLICATION_NUMBER)]
    people = User.objects.create_user("person0")
    numbers = {"sessions": sessions, "people": sessions // 10, "first_person": people.pk + 1}
    numbers |= {"first_application": applications[0].pk, "applications": APPLICATION_NUMBER}
    ApplicationLogout.objects.create(application=applications[0], ordered_at="2020-01-01T00:00:00Z", total=sessions)
    with connection.cursor() as cursor:
        cursor.execute(FILL, numbers)
        cursor.execute("ANALYZE")


def pages(last=10):
    """Return the address of each page of the admin by its name; `last` is the number of a list's last page."""
    session = OPSession.objects.order_by("pk")[1000]
    notice = LogoutNotice.objects.filter(rp_session__op_session=session).get()
    order = ApplicationLogout.objects.get()
    rows = {"session": session, "notice": notice, "order": order}
    found = {f"one {name}": f"{_address(row)}change/" for name, row in rows.items()}
    found |= {"deletion of a session": f"{_address(session)}delete/"}
    found |= {"orders": reverse(ORDERS), "consents": reverse(CONSENTS), "applications": reverse(APPLICATIONS)}
    found |= {f"consents {query}": f"{reverse(CONSENTS)}?{query}" for query in ("application=rp-0", "q=person77")}
    sessions = _queries(last, ["live", "overdue", "ended", *EndReason.values], session, f"user={session.user_id}")
    found |= {f"sessions {query}": f"{reverse(SESSIONS)}?{query}" for query in sessions}
    notices = _queries(last, LogoutNotice.State.values, session, *[f"problem={name}" for name in ("timeout", "no_key")])
    return found | {f"ledger {query}": f"{reverse(LEDGER)}?{query}" for query in notices}


def sequential_scans(queries):
    """Return the big tables that one of these queries would read from one end to the other."""
    return {table for query in queries for table in _scanned(json.loads(_plan(query))[0]["Plan"])} & BIG


def _queries(last, states, session, *more):
    applications = [f"application=rp-{number}" for number in (0, 20, APPLICATION_NUMBER - 1, "unknown")]
    ages = [f"age={age}" for age in ("day", "week", "month", "older")]
    searches = ["q=person77", "q=nobody", f"q=sid-{session.pk}", f"q={session.address}", "q=rp-20"]
    both = [f"{application}&state={states[0]}" for application in applications]
    listed = ["", "p=2", f"p={last}", "o=1", *ages, *applications, *searches, *both, f"state={states[0]}&age=older"]
    return [*listed, *[f"state={state}" for state in states], *more]


def _address(row):
    return reverse(f"admin:oidc_session_{row._meta.model_name}_change", args=[row.pk]).removesuffix("change/")


def _plan(query):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {re.sub('%', '%%', query)}", [])
        [plan] = cursor.fetchone()
    return plan if isinstance(plan, str) else json.dumps(plan)


def _scanned(node):
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scanned(below)
