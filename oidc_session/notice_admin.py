"""The ledger in the Django admin: which application was told of which logout, and what came of it."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from oidc_session import resending
from oidc_session.admin_filters import NoticeAge, NoticeApplication, NoticeProblem, NoticeState
from oidc_session.admin_parts import LargeTableAdmin
from oidc_session.models import LogoutNotice
from oidc_session.trial_notices import may_send, send_test_notices

HINDRANCES = {
    LogoutNotice.Problem.CLIENT_DELETED: _("the application was deleted: there is nobody left to tell."),
    LogoutNotice.Problem.NO_BROWSER: _("it was for the person's browser, which can't be asked any more."),
    LogoutNotice.Problem.NO_URI: _("the application has no back-channel logout URI that may be used: register one."),
}


@admin.register(LogoutNotice)
class LogoutNoticeAdmin(LargeTableAdmin):
    list_display = (
        "client_id",
        "channel",
        "state",
        "problem",
        "last_status",
        "attempts",
        "created_at",
        "next_attempt_at",
    )
    list_filter = (NoticeState, NoticeProblem, NoticeAge, NoticeApplication)
    lookups = frozenset({"state", "problem", "age", "application"})
    ordering = ("-created_at", "-pk")
    search_fields = ("client_id", "sid")
    fields = (*list_display, "sid", "iss", "sub", "last_attempt_at", "closed_at")
    actions = ("send_again", "send_test_notice")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LogoutNotice], search_term: str
    ) -> tuple[QuerySet[LogoutNotice], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        is_sid = LogoutNotice.objects.filter(sid=term).exists()
        return queryset.filter(**{"sid" if is_sid else "client_id": term}), False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return may_send(request)

    @admin.action(description=_("Send selected notices again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[LogoutNotice]) -> None:
        sent: list[LogoutNotice] = []
        others: Counter[str] = Counter()
        for notice in queryset.select_related("application__logout_settings"):
            if problem := resending.hindrance(notice):
                others[str(HINDRANCES[problem])] += 1
            elif resending.make_due(notice):
                self.log_change(request, notice, "Sent again.")
                sent.append(notice)
            else:
                others[gettext("it is being sent already.")] += 1
        resending.send(sent)
        self._say(request, len(sent), others)

    @admin.action(description=_("Send test notices to their applications"), permissions=["resend"])
    def send_test_notice(self, request: HttpRequest, queryset: QuerySet[LogoutNotice]) -> None:
        keys = set(queryset.order_by().values_list("application", flat=True)) - {None}
        if keys:
            send_test_notices(request, get_application_model()._default_manager.filter(pk__in=keys))
        else:
            self.message_user(request, gettext("The applications were deleted."), messages.ERROR)

    def _say(self, request: HttpRequest, sent: int, others: Counter[str]) -> None:
        if sent:
            text = ngettext("%(sent)d notice is being sent.", "%(sent)d notices are being sent.", sent)
            self.message_user(request, text % {"sent": sent}, messages.SUCCESS)
        for why, number in others.items():
            text = ngettext("%(number)d notice not sent: %(why)s", "%(number)d notices not sent: %(why)s", number)
            self.message_user(request, text % {"number": number, "why": why}, messages.ERROR)
