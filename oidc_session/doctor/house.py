"""What stands behind the site: the database, and who sends notices and ends sessions."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import override

from oidc_session import outbox
from oidc_session.conf import conf
from oidc_session.doctor.findings import Finding, error, fine, warning
from oidc_session.doctor.site import Site
from oidc_session.models import OPSession

OVERDUE = timedelta(minutes=5)  # A cron job comes every minute.
LONG_EXPIRED = timedelta(hours=1)


def migrations(site: Site) -> Iterator[Finding]:
    database = router.db_for_write(OPSession)
    executor = MigrationExecutor(connections[database])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes("oidc_session"))
    if missing := [migration.name for migration, _ in plan if migration.app_label == "oidc_session"]:
        yield error(
            f"not applied in the database {database!r}: {', '.join(missing)}",
            f"Run: python manage.py migrate oidc_session --database {database}.",
        )


def notices(site: Site) -> Iterator[Finding]:
    """Look for notices that wait although their time came a while ago."""
    if not conf.BACKCHANNEL_LOGOUT_ENABLED:
        return
    now = timezone.now()
    overdue = outbox.due().order_by().filter(next_attempt_at__lt=now - OVERDUE)
    found = overdue.aggregate(number=Count("pk"), since=Min("next_attempt_at"))
    if not found["number"]:
        yield fine("none is overdue")
        return
    with override("en"):
        waiting = timesince(found["since"], now).replace("\xa0", " ")
    yield error(
        f"overdue: {found['number']}, the first by {waiting}",
        "Run as a service: python manage.py send_logout_notices --loop; or by cron:"
        " * * * * * python manage.py send_logout_notices.",
    )


def expired_sessions(site: Site) -> Iterator[Finding]:
    now = timezone.now()
    if number := OPSession.objects.live().filter(expires_at__lt=now - LONG_EXPIRED).count():
        yield warning(
            f"expired an hour ago and more, and not ended: {number}",
            "Run by cron: */5 * * * * python manage.py end_expired_sessions. Applications don't learn of it otherwise.",
        )


QUESTIONS = (migrations, notices, expired_sessions)
