"""What OpenTelemetry's own SDK collects of what happens here."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import router, transaction
from django.utils import timezone
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from oidc_session import frontchannel, ledger, metrics, outbox, sessions
from oidc_session.ledger import Outcome
from oidc_session.models import ClientLogoutSettings, EndReason, LogoutNotice, OPSession
from oidc_session.outbox import Problem
from tests.notices import application_at, session_of
from tests.processes import ROOT

pytestmark = pytest.mark.django_db

WITHOUT_OPENTELEMETRY = """
import sys
sys.modules["opentelemetry"] = None
import django
django.setup()
from oidc_session import metrics, signals
print(metrics.instruments(), len(signals.logout_notice_delivered.receivers))
"""


@pytest.fixture
def collected(monkeypatch):
    """Return what gives the points of all metrics so far: (attributes, value or histogram) by name."""
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    metrics.instruments.cache_clear()
    monkeypatch.setattr("opentelemetry.metrics.get_meter", meters.get_meter)

    def collect():
        data = reader.get_metrics_data()
        groups = data.resource_metrics if data else []
        found = [metric for group in groups for scope in group.scope_metrics for metric in scope.metrics]
        return {metric.name: points_of(metric) for metric in found}

    yield collect
    metrics.instruments.cache_clear()
    meters.shutdown()


def points_of(metric):
    return [(dict(point.attributes), getattr(point, "value", point)) for point in metric.data.data_points]


@pytest.fixture
def without_opentelemetry(monkeypatch):
    metrics.instruments.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    yield
    metrics.instruments.cache_clear()


@pytest.fixture
def notice(alice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("https://rp.example/backchannel-logout")
    sessions.end(session_of(alice, application), EndReason.ADMIN, tell=lambda keys: None)
    LogoutNotice.objects.update(created_at=timezone.now() - timedelta(seconds=20))
    return LogoutNotice.objects.get()


@pytest.fixture
def record(django_capture_on_commit_callbacks):
    def record(notice, outcome):
        (claimed,) = outbox.claim([notice.pk])
        with django_capture_on_commit_callbacks(execute=True):
            ledger.record([(claimed, outcome)])

    return record


def test_session_is_counted_when_it_starts_and_when_it_ends(
    collected, client, alice, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.force_login(alice)
    assert collected() == {"oidc_session.sessions.started": [({}, 1)]}
    with django_capture_on_commit_callbacks(execute=True):
        client.logout()
        sessions.end(OPSession.objects.get(), EndReason.ADMIN)
    assert collected()["oidc_session.sessions.ended"] == [({"reason": "logout"}, 1)]


def test_end_that_is_taken_back_is_not_counted(collected, alice, django_capture_on_commit_callbacks):
    session = session_of(alice)
    database = router.db_for_write(OPSession)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic(using=database):
        assert sessions.end(session, EndReason.ADMIN)
        transaction.set_rollback(True, using=database)
    assert collected() == {}


def test_delivered_notice_is_counted_with_its_time(collected, notice, record):
    record(notice, Outcome(status=200))
    assert collected()["oidc_session.logout_notices"] == [({"channel": "backchannel", "outcome": "delivered"}, 1)]
    ((attributes, histogram),) = collected()["oidc_session.logout_notice.delivery.duration"]
    assert attributes == {"channel": "backchannel"}
    assert histogram.count == 1
    assert 20 <= histogram.sum < 60
    assert list(histogram.explicit_bounds) == metrics.BOUNDARIES


@pytest.mark.parametrize(
    ("outcome", "name", "problem"),
    [
        (Outcome(Problem.TIMEOUT), "postponed", "timeout"),
        (Outcome(Problem.ANSWER, 400, is_final=True), "failed", "answer"),
        (Outcome(Problem.CLIENT_DELETED), "failed", "client_deleted"),
    ],
)
def test_attempt_that_failed_is_counted_with_its_problem(collected, notice, record, outcome, name, problem):
    record(notice, outcome)
    expected = {"channel": "backchannel", "outcome": name, "problem": problem}
    assert collected()["oidc_session.logout_notices"] == [(expected, 1)]
    assert "oidc_session.logout_notice.delivery.duration" not in collected()


def test_frames_of_a_page_are_counted(collected, alice, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("")
    ClientLogoutSettings.objects.update(frontchannel_logout_uri="https://rp.example/frontchannel-logout")
    session = session_of(alice, application)
    sessions.end(session, EndReason.LOGOUT)
    frontchannel.show(session)
    assert collected()["oidc_session.logout_notices"] == [({"channel": "frontchannel", "outcome": "shown"}, 1)]


def test_page_without_frames_counts_none(collected, alice, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True)
    session = session_of(alice, application_at(""))
    sessions.end(session, EndReason.LOGOUT)
    frontchannel.show(session)
    assert "oidc_session.logout_notices" not in collected()


def test_quiet_questions_are_counted_by_their_answer(collected, client, alice):
    client.force_login(alice)
    client.get("/o/session-status/")
    OPSession.objects.update(ended_at=timezone.now())
    client.get("/o/session-status/")
    points = collected()["oidc_session.status_requests"]
    assert sorted(points, key=str) == [({"session.ended": False}, 1), ({"session.ended": True}, 1)]


def test_no_attribute_names_a_person_or_an_application(collected, client, alice, notice, record):
    record(notice, Outcome(status=200))
    client.force_login(alice)
    client.get("/o/session-status/")
    names = {name for points in collected().values() for attributes, _ in points for name in attributes}
    assert names <= {"channel", "outcome", "problem", "reason", "session.ended"}


def test_without_opentelemetry_nothing_is_counted_and_all_goes_on(
    without_opentelemetry, client, notice, record, alice, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.force_login(alice)
        client.get("/o/session-status/")
        assert sessions.end_all(alice, EndReason.USER) == 1
    metrics.notices_shown(1)
    metrics.connect()
    record(notice, Outcome(status=200))
    assert metrics.instruments() is None
    assert LogoutNotice.objects.filter(state="delivered").count() == 1


def test_without_opentelemetry_no_signal_is_listened_to():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENTELEMETRY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "None 0\n"
