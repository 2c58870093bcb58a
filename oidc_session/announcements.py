"""What is said of sessions once it is committed: one log line each, and a signal."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import router, transaction
from django.dispatch import Signal

from oidc_session.models import OPSession, RPSession
from oidc_session.signals import op_session_ended, op_session_started, rp_session_joined

logger = logging.getLogger(__name__)


def started(session: OPSession) -> None:
    _announce(op_session_started, session, "OP session started op_session=%s user=%s", session.pk, session.user_id)


def ended(sessions: Iterable[OPSession]) -> None:
    """Announce the end of each session, within the transaction that ends them."""
    for session in sessions:
        facts = (session.pk, str(session.end_reason))
        _announce(op_session_ended, session, "OP session ended op_session=%s reason=%s", *facts)


def joined(rp_session: RPSession) -> None:
    facts = (rp_session.op_session_id, rp_session.application.client_id)
    _announce(rp_session_joined, rp_session, "RP session joined op_session=%s client_id=%s", *facts)


def _announce(signal: Signal, session: Any, text: str, *facts: object) -> None:
    announce = partial(_say, signal, session, text, *facts)
    transaction.on_commit(lambda: announce(), using=router.db_for_write(type(session)), robust=True)


def _say(signal: Signal, session: Any, text: str, *facts: object) -> None:
    logger.info(text, *facts)
    signal.send_robust(type(session), session=session)
