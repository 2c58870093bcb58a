"""One attempt to tell one application: OpenID Connect Back-Channel Logout 1.0, "Back-Channel Logout Request"."""

import logging
from collections.abc import Mapping

from oidc_session import logout_uris, outbox
from oidc_session.conf import conf
from oidc_session.exceptions import InvalidCertificate, NoAnswerInTime, NoConnection, NoSigningKey, PrivateAddress
from oidc_session.guarded_http import Answer, post_form
from oidc_session.ledger import Outcome
from oidc_session.logout_token import logout_token
from oidc_session.models import LogoutNotice
from oidc_session.outbox import Problem

NOT_TRIED = Outcome(Problem.INTERNAL, was_tried=False)  # It waited too long: another worker may take it now.

logger = logging.getLogger(__name__)

TOO_MANY_REQUESTS = 429

PROBLEMS: Mapping[type[Exception], Problem] = {
    NoSigningKey: Problem.NO_KEY,
    PrivateAddress: Problem.PRIVATE_ADDRESS,
    InvalidCertificate: Problem.CERTIFICATE,
    NoAnswerInTime: Problem.TIMEOUT,
    NoConnection: Problem.CONNECTION,
}


def attempt(notice: LogoutNotice) -> Outcome:
    """Tell the application at the address that it has now, by a token signed now; no query, and no exception."""
    try:
        return _attempt(notice)
    except tuple(PROBLEMS) as error:
        return Outcome(PROBLEMS[type(error)])
    except Exception:
        logger.exception("Logout notice not sent client_id=%s", notice.client_id)
        return Outcome(Problem.INTERNAL)


def _attempt(notice: LogoutNotice) -> Outcome:
    application = notice.application
    if application is None:
        return Outcome(Problem.CLIENT_DELETED)
    uri = logout_uris.usable_uri("backchannel_logout_uri", application)
    if not uri:
        return Outcome(Problem.NO_URI)
    token = logout_token(application, iss=notice.iss, sub=notice.sub, sid=notice.sid)
    if not outbox.is_leased_for(notice, conf.BACKCHANNEL_LOGOUT_TIMEOUT):
        return NOT_TRIED
    return outcome_of(post_form(uri, {"logout_token": token}, conf.BACKCHANNEL_LOGOUT_TIMEOUT))


def outcome_of(answer: Answer) -> Outcome:
    """Back-Channel Logout 1.0, "Back-Channel Logout Response"."""
    if answer:
        return Outcome(status=answer.status)
    return Outcome(Problem.ANSWER, answer.status, answer.retry_after or 0, is_final=not _may_pass(answer))


def _may_pass(answer: Answer) -> bool:
    """Whether an error may pass: 400 stands for a logout that failed, too, so that Retry-After decides."""
    if answer.status >= 500 or answer.status == TOO_MANY_REQUESTS:
        return True
    return answer.status >= 400 and answer.retry_after is not None
