"""The logout settings, and our actions, in the admin of DOT's applications, whosever ModelAdmin that is."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.http import HttpRequest
from oauth2_provider.models import get_application_model

from oidc_session.application_actions import add_actions
from oidc_session.conf import conf
from oidc_session.logout_metadata import enabled_members
from oidc_session.logout_settings_form import LogoutSettingsForm
from oidc_session.models import ClientLogoutSettings


class LogoutSettingsInline(admin.StackedInline):  # type: ignore[type-arg]
    """For a ModelAdmin of applications; not there while both channels are off."""

    model = ClientLogoutSettings
    form = LogoutSettingsForm
    can_delete = False
    formfield_overrides = {models.CharField: {"widget": AdminTextInputWidget(attrs={"class": "vURLField"})}}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(enabled_members())

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.LOGOUT_NOTICES_ENABLED and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.LOGOUT_NOTICES_ENABLED and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.LOGOUT_NOTICES_ENABLED and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def add_inline() -> None:
    """Add the inline and the actions to the ModelAdmin of applications, which may stand in any app."""
    if isinstance(apps.get_app_config("admin"), AdminConfig):
        admin.autodiscover()  # Once is once: where the admin's app comes before ours it has done so.
    application = get_application_model()
    if not admin.site.is_registered(application):
        return
    model_admin = admin.site.get_model_admin(application)
    if not any(inline.model is ClientLogoutSettings for inline in model_admin.inlines):
        model_admin.inlines = (*model_admin.inlines, LogoutSettingsInline)  # type: ignore[misc]
    add_actions(model_admin)
