"""Very many live sessions on PostgreSQL, each with a Django session, applications, and the tokens of each application.

fill(10_000, [person.pk], applications, expired=True)
"""

import secrets
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from oidc_session import session_keys
from oidc_session.models import OPSession

AT_ONCE = 1_000
JOIN = """
INSERT INTO oidc_session_rpsession (op_session_id, application_id, sid, joined_at, iss, sub)
SELECT o.id, a.id, 'sid-' || o.id || '-' || a.id, o.started_at, 'https://op.example/o', o.user_id
FROM oidc_session_opsession o CROSS JOIN unnest(%(applications)s::bigint[]) a(id)
WHERE o.id > %(after)s ORDER BY o.id, a.id;
INSERT INTO oauth2_provider_idtoken (user_id, jti, application_id, expires, scope, created, updated)
SELECT o.user_id, md5('id' || r.id)::uuid, r.application_id, now(), 'openid', now(), now()
FROM oidc_session_rpsession r JOIN oidc_session_opsession o ON o.id = r.op_session_id
WHERE o.id > %(after)s ORDER BY r.id;
INSERT INTO oauth2_provider_accesstoken
    (user_id, token, token_checksum, id_token_id, application_id, expires, scope, resource, created, updated)
SELECT i.user_id, 'access' || r.id, md5('access' || r.id), i.id, r.application_id, now(), 'openid', '[]', now(), now()
FROM oidc_session_rpsession r JOIN oauth2_provider_idtoken i ON i.jti = md5('id' || r.id)::uuid
WHERE r.op_session_id > %(after)s ORDER BY r.id;
INSERT INTO oauth2_provider_refreshtoken
    (user_id, token, token_checksum, application_id, access_token_id, token_family, resource, created, updated)
SELECT t.user_id, 'refresh' || r.id, md5('refresh' || r.id), r.application_id, t.id, md5('family' || r.id)::uuid, '[]',
    now(), now()
FROM oidc_session_rpsession r JOIN oauth2_provider_accesstoken t ON t.token_checksum = md5('access' || r.id)
WHERE r.op_session_id > %(after)s ORDER BY r.id;
INSERT INTO oidc_session_credential (rp_session_id, kind, key, auth_time)
SELECT r.id, 'token_family', md5('family' || r.id)::uuid, now() FROM oidc_session_rpsession r
WHERE r.op_session_id > %(after)s ORDER BY r.id;
ANALYZE;
"""


def fill(number, people, applications, *, expired=False):
    """Sign these people in in turn, so many times in all; the time of their Django sessions, too, may be over."""
    before = OPSession.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    until = timezone.now() + (timedelta(hours=-1) if expired else timedelta(days=1))
    for begun in range(0, number, AT_ONCE):
        keys = [secrets.token_hex(16) for _ in range(min(AT_ONCE, number - begun))]
        Session.objects.bulk_create(Session(session_key=key, session_data="", expire_date=until) for key in keys)
        OPSession.objects.bulk_create(
            _session(people[(begun + place) % len(people)], key, until) for place, key in enumerate(keys)
        )
    with connection.cursor() as cursor:
        cursor.execute(JOIN, {"applications": [application.pk for application in applications], "after": before})


def _session(person, key, until):
    encrypted, hashed = session_keys.encrypt(key), session_keys.keyed_hash(key)
    return OPSession(user_id=person, session_key=encrypted, session_key_hash=hashed, expires_at=until)
