"""The form of an application's logout settings, for administrators and for the application's owner."""

from django import forms
from django.utils.translation import gettext_lazy as _

from oidc_session.logout_metadata import LOGOUT_MEMBERS
from oidc_session.models import ClientLogoutSettings

NAMED_IN_ANY_CASE = _("For the record: the provider names the session in any case.")


class LogoutSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ClientLogoutSettings
        fields = LOGOUT_MEMBERS
        help_texts = {
            "frontchannel_logout_uri": _(
                "Opened in a hidden frame of the person's browser at a logout. It must have the scheme, host and port"
                " of a redirect URI."
            ),
            "frontchannel_logout_session_required": NAMED_IN_ANY_CASE,
            "backchannel_logout_uri": _("Gets a signed logout token from the provider's server at a logout."),
            "backchannel_logout_session_required": NAMED_IN_ANY_CASE,
        }
