"""What happens here, counted for OpenTelemetry; where its API is not installed, nothing is done."""

from functools import cache
from importlib import import_module
from typing import Any

from django.db import transaction

from oidc_session import __version__
from oidc_session.models import EndReason, LogoutNotice
from oidc_session.signals import logout_notice_delivered, logout_notice_failed, logout_notice_postponed

BOUNDARIES = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 21600.0, 86400.0]
OUTCOMES = {
    logout_notice_delivered: "delivered",
    logout_notice_postponed: "postponed",
    logout_notice_failed: "failed",
}


class Instruments:
    """The counters and the histogram; their attributes have few values, and name nobody."""

    def __init__(self, meter: Any) -> None:
        """Take a Meter of OpenTelemetry."""
        self.started = meter.create_counter("oidc_session.sessions.started", "{session}", "OP sessions that began.")
        self.ended = meter.create_counter("oidc_session.sessions.ended", "{session}", "OP sessions that ended.")
        self.notices = meter.create_counter("oidc_session.logout_notices", "{attempt}", "Attempts to tell of a logout.")
        self.delivery = meter.create_histogram(
            "oidc_session.logout_notice.delivery.duration",
            "s",
            "From the end of a session until an application has confirmed it.",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )
        self.status_requests = meter.create_counter(
            "oidc_session.status_requests", "{request}", "Quiet questions of OP iframes."
        )


@cache
def instruments() -> Instruments | None:
    """Return the instruments of this process, or None where there is no OpenTelemetry."""
    try:
        api = import_module("opentelemetry.metrics")
    except ImportError:
        return None
    return Instruments(api.get_meter("oidc_session", __version__))


def connect() -> None:
    """Listen to what becomes of notices; AppConfig.ready() calls this."""
    if instruments() is not None:
        for signal, outcome in OUTCOMES.items():
            signal.connect(count_notice, sender=LogoutNotice, dispatch_uid=f"oidc_session.metrics.{outcome}")


def count_notice(signal: Any, notice: LogoutNotice, **kwargs: object) -> None:
    """Receive the signals of an attempt that was made."""
    if counted := instruments():
        outcome = OUTCOMES[signal]
        problem = {"problem": notice.problem} if notice.problem else {}
        counted.notices.add(1, {"channel": notice.channel, "outcome": outcome} | problem)
        if notice.closed_at and outcome == "delivered":
            seconds = (notice.closed_at - notice.created_at).total_seconds()
            counted.delivery.record(max(0.0, seconds), {"channel": notice.channel})


def notices_shown(number: int) -> None:
    """Count the frames that a page asks a browser to load; whether they did is not known."""
    if number and (counted := instruments()):
        counted.notices.add(number, {"channel": LogoutNotice.Channel.FRONTCHANNEL.value, "outcome": "shown"})


def session_started(database: str) -> None:
    """Count a session once it is committed."""
    if counted := instruments():
        transaction.on_commit(lambda: counted.started.add(1), using=database, robust=True)


def sessions_ended(number: int, reason: EndReason, database: str) -> None:
    """Count the end of sessions once it is committed."""
    if counted := instruments():
        attributes = {"reason": EndReason(reason).value}
        transaction.on_commit(lambda: counted.ended.add(number, attributes), using=database, robust=True)


def status_requested(is_over: bool) -> None:
    if counted := instruments():
        counted.status_requests.add(1, {"session.ended": is_over})
