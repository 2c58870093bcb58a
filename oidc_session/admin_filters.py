"""The filters of our lists in the Django admin: for each there is an index."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from oidc_session.models import EndReason, LogoutNotice

Choices = Iterable[tuple[str, Any]]

MOST_APPLICATIONS = 50
LATEST = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class OneOf(SimpleListFilter):
    """A filter that takes its own values, and no others."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        chosen = self.value()
        if chosen is None:
            return None
        known = any(chosen == str(value) for value, _title in self.lookup_choices)
        return self.chosen(queryset, chosen) if known else queryset.none()

    def chosen(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): value})


class SessionState(OneOf):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        states = [("live", _("live")), ("overdue", _("expired, to be ended")), ("ended", _("ended"))]
        return [*states, *EndReason.choices]

    def chosen(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "live":
            return queryset.filter(end_reason="", ended_at=None)
        if value == "overdue":
            return queryset.filter(ended_at=None, expires_at__lt=timezone.now())
        if value == "ended":
            return queryset.exclude(ended_at=None)
        return queryset.filter(end_reason=value)


class NoticeState(OneOf):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return LogoutNotice.State.choices


class NoticeProblem(OneOf):
    title = _("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return LogoutNotice.Problem.choices


class Age(OneOf):
    """By the field that the list is in the order of."""

    title = _("age")
    parameter_name = "age"
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            ("day", _("last 24 hours")),
            ("week", _("last 7 days")),
            ("month", _("last 30 days")),
            ("older", _("older than 30 days")),
        ]

    def chosen(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "older":
            return queryset.filter(**{f"{self.field}__lt": timezone.now() - LATEST["month"]})
        return queryset.filter(**{f"{self.field}__gte": timezone.now() - LATEST[value]})


class SessionAge(Age):
    field = "started_at"


class NoticeAge(Age):
    field = "created_at"


class ByApplication(SimpleListFilter):
    """By client_id; the first applications by name are offered, and the address takes any."""

    title = _("application")
    parameter_name = "application"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        found = get_application_model()._default_manager.order_by("name", "client_id")
        offered = [
            (client_id, name or client_id)
            for client_id, name in found.values_list("client_id", "name")[:MOST_APPLICATIONS]
        ]
        chosen = self.value()
        beside = [] if chosen is None or chosen in dict(offered) else [(chosen, chosen)]
        return [*offered, *beside]

    def value(self) -> str | None:
        client_id: str | None = super().value()
        return client_id and client_id.replace("\0", "")  # Which PostgreSQL refuses.


class ConsentApplication(ByApplication):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        client_id = self.value()
        if client_id is None:
            return None
        application = get_application_model()._default_manager.filter(client_id=client_id).first()
        return self.of(application, queryset) if application else queryset.none()

    def of(self, application: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(application=application)


class SessionApplication(ConsentApplication):
    """In the order in which they were joined, for which there is an index."""

    def of(self, application: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        joined = queryset.filter(rp_sessions__application=application)
        return joined.order_by("-rp_sessions__joined_at", "-rp_sessions__pk")


class NoticeApplication(ByApplication):
    """Of applications that were deleted, too."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogoutNotice]) -> QuerySet[LogoutNotice] | None:
        client_id = self.value()
        return None if client_id is None else queryset.filter(client_id=client_id)
