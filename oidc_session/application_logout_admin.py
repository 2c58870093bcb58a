"""How far an order has come to sign everybody out of an application, in the Django admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from oidc_session.admin_parts import MOST_LISTED, LargeTableAdmin, bounded_count
from oidc_session.models import ApplicationLogout, LogoutNotice


@admin.register(ApplicationLogout)
class ApplicationLogoutAdmin(LargeTableAdmin):
    change_form_template = "admin/oidc_session/applicationlogout/change_form.html"
    list_display = ("application", "ordered_at", "ordered_by", "ended", "total", "finished_at")
    list_select_related = ("application", "ordered_by")
    ordering = ("-pk",)
    fields = (
        "application",
        "ordered_by",
        "ordered_at",
        "total",
        "ended",
        "finished_at",
        "being_told",
        "told",
        "not_told",
    )
    readonly_fields = ("being_told", "told", "not_told")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("notices that wait to be sent"))
    def being_told(self, order: ApplicationLogout) -> str:
        return _count(order, LogoutNotice.State.PENDING)

    @admin.display(description=_("notices delivered"))
    def told(self, order: ApplicationLogout) -> str:
        return _count(order, LogoutNotice.State.DELIVERED)

    @admin.display(description=_("notices failed"))
    def not_told(self, order: ApplicationLogout) -> str:
        return _count(order, LogoutNotice.State.FAILED)


def _count(order: ApplicationLogout, state: LogoutNotice.State) -> str:
    found = bounded_count(_notices(order).filter(state=state))
    return str(found) if found < MOST_LISTED else _("%(most)s or more") % {"most": MOST_LISTED}


def _notices(order: ApplicationLogout) -> QuerySet[LogoutNotice]:
    since = LogoutNotice.objects.filter(client_id=order.application.client_id, created_at__gte=order.ordered_at)
    return since.order_by("created_at")
