"""What our pages in the Django admin share: nothing to edit, and no work that grows with the tables."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

MOST_LISTED = 1_000


class NothingToEdit:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to MOST_LISTED and no further."""

    @cached_property
    def count(self) -> int:
        return bounded_count(self.object_list)  # type: ignore[arg-type]


class InItsOrder(ChangeList):
    """A list in the order that there is an index for, whatever the address says."""

    def get_ordering_field_columns(self) -> dict[int, Any]:
        return {}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return list(queryset.query.order_by)  # The ModelAdmin's, or a filter's.


class LargeTableAdmin(NothingToEdit, admin.ModelAdmin):  # type: ignore[type-arg]
    """For tables of a million rows: the newest are listed, filters and searches use indexes, actions have an end.

    Nothing but the parameters in `lookups` may be asked for: any other lookup would read the whole table, or find out
    by trying what a page doesn't show.
    """

    lookups: frozenset[str] = frozenset()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # They count all rows.
    sortable_by = ()
    search_help_text = format_lazy(_("The newest {most} are listed: search or filter for others."), most=MOST_LISTED)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InItsOrder

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in self.lookups

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:  # type: ignore[override]
        """Let an action on all have those that are listed, which is as many as the page says."""
        if self.action_form.base_fields["select_across"].clean(request.POST.get("select_across")):
            queryset = queryset.filter(pk__in=list(queryset.values_list("pk", flat=True)[:MOST_LISTED]))
        return super().response_action(request, queryset)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Lead back to the list, to which Django leads those alone who may change rows."""
        response = super().response_delete(request, obj_display, obj_id)
        if not self.has_view_permission(request):
            return response
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        filters: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, url))


def bounded_count(rows: QuerySet[Model]) -> int:
    """Count rows, in the order of an index, as far as MOST_LISTED."""
    return rows[:MOST_LISTED].count()
