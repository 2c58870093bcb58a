"""Sessions in the Django admin: to look at and to end."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oidc_session import ending
from oidc_session.admin_filters import SessionAge, SessionApplication, SessionState
from oidc_session.admin_parts import LargeTableAdmin, NothingToEdit
from oidc_session.ending_many import Outcome, batches, end_each
from oidc_session.models import EndReason, OPSession, RPSession
from oidc_session.session_search import found_by


class RPSessionInline(NothingToEdit, admin.TabularInline):  # type: ignore[type-arg]
    model = RPSession
    fields = ("application", "sid", "joined_at", "ended_at")
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RPSession]:
        return super().get_queryset(request).select_related("application", "op_session__user")


@admin.register(OPSession)
class OPSessionAdmin(LargeTableAdmin):
    """Deleting a session ends it first, one by one as much as many at once."""

    change_form_template = "admin/oidc_session/opsession/change_form.html"
    list_display = ("user", "started_at", "last_activity", "address", "ended_at", "end_reason")
    list_filter = (SessionState, SessionAge, SessionApplication)
    list_select_related = ("user",)
    lookups = frozenset({"state", "age", "application", "user"})
    ordering = ("-started_at", "-pk")
    search_fields = ("user", "rp_sessions__sid", "address")  # By session_search.
    fields = (
        "user",
        "auth_time",
        "started_at",
        "last_activity",
        "expires_at",
        "user_agent",
        "address",
        "ended_at",
        "end_reason",
    )
    inlines = (RPSessionInline,)
    actions = ("end_sessions", "end_all_of_people")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OPSession], search_term: str
    ) -> tuple[QuerySet[OPSession], bool]:
        term = search_term.strip()
        return (queryset.filter(found_by(term)) if term else queryset), False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("oidc_session.end_opsession")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.has_end_permission(request)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name the sessions alone: Django would read each row below them, and two more for its name."""
        names = [str(session) for session in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["may_end"] = self.has_end_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=_("End selected sessions"), permissions=["end"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[OPSession]) -> None:
        self._end(request, queryset)

    @admin.action(description=_("End all sessions of the selected people"), permissions=["end"])
    def end_all_of_people(self, request: HttpRequest, queryset: QuerySet[OPSession]) -> None:
        people = set(queryset.order_by().values_list("user", flat=True)) - {None}
        self._end(request, OPSession.objects.live().filter(user__in=people))

    def _end(self, request: HttpRequest, found: QuerySet[OPSession]) -> None:
        outcome = Outcome()
        for batch in batches(found.select_related("user")):
            named = {session.pk: session for session in batch}
            for ended in end_each(batch, partial(ending.end, reason=EndReason.ADMIN), outcome):
                self.log_change(request, named[ended.pk], "Ended.")
        text = ngettext("%(ended)d session ended.", "%(ended)d sessions ended.", outcome.ended)
        self.message_user(request, text % {"ended": outcome.ended}, messages.SUCCESS)
        if outcome.error:
            raise outcome.error
