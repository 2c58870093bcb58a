"""Actions on applications in the Django admin, whosever ModelAdmin that is."""

import time
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oidc_session import logout_orders
from oidc_session.conf import conf
from oidc_session.trial_notices import may_send, send_test_notices

MOST_APPLICATIONS = 100
SALT = "oidc_session.sign_out_everybody"


def may_sign_out_everybody(request: HttpRequest) -> bool:
    return conf.SESSIONS_ENABLED and request.user.has_perm("oidc_session.end_opsession")


PERMISSIONS = {
    "has_sign_out_everybody_permission": may_sign_out_everybody,
    "has_test_notice_permission": may_send,
}


@admin.action(description=_("Sign everybody out of selected applications"), permissions=["sign_out_everybody"])
def sign_out_everybody(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """Ask first; then place orders, and lead to how far they have come who may see that."""
    applications = list(queryset[:MOST_APPLICATIONS])
    if request.POST.get("post") != "yes":
        return _ask(model_admin, request, applications)
    for application in applications:
        logout_orders.place(application, request.user, _asked_at(request))
        model_admin.log_change(request, application, "Signed everybody out.")
    text = ngettext(
        "Everybody is being signed out of %(number)d application.",
        "Everybody is being signed out of %(number)d applications.",
        len(applications),
    )
    model_admin.message_user(request, text % {"number": len(applications)}, messages.SUCCESS)
    may_look = request.user.has_perm("oidc_session.view_applicationlogout")
    return redirect("admin:oidc_session_applicationlogout_changelist") if may_look else None


@admin.action(description=_("Send a test notice to selected applications"), permissions=["test_notice"])
def send_test_notice(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    send_test_notices(request, queryset)


def add_actions(model_admin: Any) -> None:
    """Add the actions to a ModelAdmin, each for who has its permission."""
    for name, is_permitted in PERMISSIONS.items():
        setattr(model_admin, name, is_permitted)
    added = [action for action in (sign_out_everybody, send_test_notice) if action not in (model_admin.actions or ())]
    model_admin.actions = (*(model_admin.actions or ()), *added)


def _ask(model_admin: Any, request: HttpRequest, applications: list[Any]) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Sign everybody out?"),
        "applications": applications,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "asked_at": signing.dumps(time.time(), salt=SALT),
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "admin/oidc_session/sign_out_everybody.html", context)


def _asked_at(request: HttpRequest) -> datetime | None:
    """Return when the question was asked that is answered now; None where nobody knows."""
    try:
        asked_at: float = signing.loads(request.POST.get("asked_at", ""), salt=SALT)
    except signing.BadSignature:
        return None
    return datetime.fromtimestamp(asked_at, tz=UTC)
