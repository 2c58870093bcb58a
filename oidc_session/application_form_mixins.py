"""What DOT's pages for the owners of applications gain: the logout settings, in the application's own form."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import router, transaction

from oidc_session.conf import conf
from oidc_session.logout_metadata import LOGOUT_MEMBERS, enabled_members
from oidc_session.logout_settings_form import LogoutSettingsForm
from oidc_session.mixins import LiveSessionMixin
from oidc_session.models import ClientLogoutSettings

if TYPE_CHECKING:
    from oauth2_provider.views import ApplicationUpdate as View
else:
    View = object


class ApplicationFormMixin(LiveSessionMixin, View):
    """For DOT's ApplicationRegistration and ApplicationUpdate."""

    def get_form_class(self) -> "type[forms.ModelForm[Any]]":
        form_class = super().get_form_class()
        if not conf.LOGOUT_NOTICES_ENABLED:
            return form_class
        return type(form_class.__name__, (LogoutSettingsFields, form_class), {})


class LogoutSettingsFields(forms.ModelForm):  # type: ignore[type-arg]
    """For a form of applications: the settings of the same application, validated and saved along with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logout_settings = ClientLogoutSettings.of(self.instance)
        form = LogoutSettingsForm(instance=self.logout_settings)
        self.fields |= {name: form.fields[name] for name in enabled_members()}
        self.initial = {**form.initial, **self.initial}

    def _post_clean(self) -> None:
        """Validate against the application as it was submitted: the instance has been changed by now."""
        super()._post_clean()  # type: ignore[misc]
        submitted = self.cleaned_data.keys() & enabled_members()
        for name in submitted:
            setattr(self.logout_settings, name, self.cleaned_data[name])
        try:
            self.logout_settings.clean_fields(exclude={"application", *LOGOUT_MEMBERS} - submitted)
        except forms.ValidationError as error:
            self.add_error(None, error)

    def save(self, commit: bool = True) -> Any:
        with transaction.atomic(using=router.db_for_write(ClientLogoutSettings)):
            return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        self.logout_settings.keep()
