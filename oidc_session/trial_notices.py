"""Test notices by an action in the Django admin, with their results as messages."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from oauth2_provider.settings import oauth2_settings

from oidc_session import resending
from oidc_session.conf import conf
from oidc_session.ledger import Outcome
from oidc_session.models import LogoutNotice


def may_send(request: HttpRequest) -> bool:
    """Whether notices may be sent at the request of who asks: none is while the channel is off."""
    return conf.BACKCHANNEL_LOGOUT_ENABLED and request.user.has_perm("oidc_session.resend_logoutnotice")


def send_test_notices(request: HttpRequest, applications: QuerySet[Any]) -> None:
    """Try out whether applications can be told of logouts, and say and log what came of it."""
    chosen = list(applications.select_related("logout_settings")[: resending.MOST_TRIED + 1])
    if len(chosen) > resending.MOST_TRIED:
        text = gettext("Test notices go to %(most)d applications at a time: choose fewer.")
        messages.error(request, text % {"most": resending.MOST_TRIED})
        return
    for application, outcome in resending.try_out(chosen, oauth2_settings.oidc_issuer(request)):
        _log(request, application, outcome)
        show = messages.success if outcome else messages.error
        show(request, gettext("Test notice to %(name)s: %(result)s") % {"name": application, "result": _text(outcome)})


def _text(outcome: Outcome) -> str:
    result = gettext("delivered") if outcome else str(LogoutNotice.Problem(outcome.problem).label)
    return f"{result} (HTTP {outcome.status})" if outcome.status else result


def _log(request: HttpRequest, application: Any, outcome: Outcome) -> None:
    result = "delivered" if outcome else outcome.problem
    person: Any = request.user
    LogEntry.objects.log_actions(
        user_id=person.pk,
        queryset=[application],
        action_flag=CHANGE,
        change_message=f"Test notice sent: {result}, status {outcome.status}.",
        single_object=True,
    )
