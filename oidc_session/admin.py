"""Sessions and consents in the Django admin: to look at and to end, not to edit."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oidc_session import sessions
from oidc_session.models import Consent, EndReason, LogoutNotice, OPSession, RPSession


class NothingToEdit:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RPSessionInline(NothingToEdit, admin.TabularInline):  # type: ignore[type-arg]
    model = RPSession
    fields = ("application", "sid", "joined_at", "ended_at")
    can_delete = False


@admin.register(OPSession)
class OPSessionAdmin(NothingToEdit, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting a session ends it first, one by one as much as many at once."""

    list_display = ("user", "auth_time", "last_activity", "address", "ended_at", "end_reason")
    list_filter = ("end_reason", "auth_time")
    list_select_related = ("user",)
    search_fields = ("=rp_sessions__sid", "=address")
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
    actions = ("end_sessions",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.search_fields, f"user__{get_user_model().USERNAME_FIELD}")

    @admin.action(description=_("End selected sessions"), permissions=["delete"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[OPSession]) -> None:
        ended = 0
        for session in queryset:
            if sessions.end(session, EndReason.ADMIN):
                ended += 1
                self.log_change(request, session, "Ended.")
        text = ngettext("%(ended)d session ended.", "%(ended)d sessions ended.", ended)
        self.message_user(request, text % {"ended": ended}, messages.SUCCESS)


@admin.register(LogoutNotice)
class LogoutNoticeAdmin(NothingToEdit, admin.ModelAdmin):  # type: ignore[type-arg]
    """The ledger: which application was told of which logout, by what channel, and what came of it."""

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
    list_filter = ("state", "channel", "problem", "created_at")
    search_fields = ("=client_id", "=sid")
    fields = (*list_display, "sid", "iss", "sub", "last_attempt_at", "closed_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Consent)
class ConsentAdmin(NothingToEdit, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting a consent revokes it: the person is asked again."""

    list_display = ("user", "application", "scope", "given_at")
    list_select_related = ("user", "application")
    list_filter = ("given_at",)
