"""Consents in the Django admin: to look at and to revoke."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from oidc_session.admin_filters import ConsentApplication
from oidc_session.admin_parts import LargeTableAdmin
from oidc_session.models import Consent
from oidc_session.session_search import people_named


@admin.register(Consent)
class ConsentAdmin(LargeTableAdmin):
    """Deleting a consent revokes it: the person is asked again."""

    list_display = ("user", "application", "scope", "given_at")
    list_select_related = ("user", "application")
    list_filter = (ConsentApplication,)
    lookups = frozenset({"application", "user"})
    ordering = ("-pk",)
    search_fields = ("user",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Consent], search_term: str
    ) -> tuple[QuerySet[Consent], bool]:
        term = search_term.strip()
        return (queryset.filter(user__in=people_named(term)) if term else queryset), False
