"""Whom to tell of a logout, and what became of it."""

import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.http import MAX_URL_LENGTH
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from oidc_session import logout_uris
from oidc_session.logout_metadata import LOGOUT_MEMBERS
from oidc_session.models.sessions import RPSession
from oidc_session.models.where_written import WhereWritten


class ClientLogoutSettings(models.Model):
    """Where one application wants to be told of logouts: the client metadata of both specifications."""

    application = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="logout_settings",
        verbose_name=_("application"),
    )
    frontchannel_logout_uri = models.CharField(_("front-channel logout URI"), max_length=MAX_URL_LENGTH, blank=True)
    frontchannel_logout_session_required = models.BooleanField(_("front-channel logout needs a session"), default=False)
    backchannel_logout_uri = models.CharField(_("back-channel logout URI"), max_length=MAX_URL_LENGTH, blank=True)
    backchannel_logout_session_required = models.BooleanField(_("back-channel logout needs a session"), default=False)

    class Meta:
        verbose_name = _("logout settings")
        verbose_name_plural = _("logout settings")

    def __str__(self) -> str:
        return str(self.application)

    @classmethod
    def of(cls, application: Any) -> "ClientLogoutSettings":
        """Return the settings of an application; blank ones that are not stored yet where it has none."""
        found: ClientLogoutSettings | None = getattr(application, "logout_settings", None)
        return found or cls(application=application)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Validate the URIs against the application as it is in memory, which may be about to be saved, too."""
        super().clean_fields(exclude)
        errors = {}
        for name in (name for name in logout_uris.CHECKS if name not in (exclude or ())):
            try:
                self._check(name)
            except ValidationError as error:
                errors[name] = error
        if errors:
            raise ValidationError(errors)

    def keep(self) -> None:
        """Store settings that say something, and delete those that don't any more."""
        values = {name: getattr(self, name) for name in LOGOUT_MEMBERS}
        if any(values.values()):
            ClientLogoutSettings.objects.update_or_create(application=self.application, defaults=values)
        else:
            ClientLogoutSettings.objects.filter(application=self.application).delete()

    def _check(self, name: str) -> None:
        uri, application = getattr(self, name), getattr(self, "application", None)
        if uri and application is not None:
            logout_uris.CHECKS[name](uri, application)
            if name == "backchannel_logout_uri":
                logout_uris.check_that_guard_lets_pass(uri)


class LogoutNotice(models.Model):
    """One message owed to one RP session whose end is to be told: entry of the outbox, and of the ledger."""

    class Channel(models.TextChoices):
        BACKCHANNEL = "backchannel", _("server to server")
        FRONTCHANNEL = "frontchannel", _("in the browser")
        NONE = "none", _("none")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        DELIVERED = "delivered", _("delivered")
        SHOWN = "shown", _("shown in the browser")
        FAILED = "failed", _("failed")
        UNTOLD = "untold", _("could not be told")

    class Problem(models.TextChoices):
        NO_URI = "no_uri", _("the application has no logout URI that may be used")
        NO_BROWSER = "no_browser", _("no browser was there to show it in")
        CLIENT_DELETED = "client_deleted", _("the application was deleted")
        NO_KEY = "no_key", _("there is no key to sign with")
        CONNECTION = "connection", _("no connection")
        TIMEOUT = "timeout", _("no answer in time")
        CERTIFICATE = "certificate", _("the certificate is not valid")
        PRIVATE_ADDRESS = "private_address", _("the address is in a private network")
        ANSWER = "answer", _("the application answered that it failed")
        INTERNAL = "internal", _("an error of the provider's own, see its log")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rp_session = models.ForeignKey(
        RPSession, on_delete=models.SET_NULL, null=True, related_name="logout_notices", verbose_name=_("session")
    )
    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="logout_notices",
        verbose_name=_("application"),
    )
    client_id = models.CharField(_("client"), max_length=255)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    iss = models.TextField(_("issuer"), blank=True)
    sub = models.TextField(_("subject"), blank=True)
    sid = models.CharField("sid", max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem, blank=True)
    last_status = models.PositiveSmallIntegerField(_("last HTTP status"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    last_attempt_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(
        _("next attempt"), null=True, blank=True
    )  # While it is sent: the lease's end.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    lease = models.UUIDField(null=True, editable=False)

    objects = WhereWritten["LogoutNotice"]()

    class Meta:
        verbose_name = _("logout notice")
        verbose_name_plural = _("logout notices")
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="oidc_session_due_notices"),
            models.Index(fields=["created_at", "id"], name="oidc_session_newest_notices"),
            models.Index(fields=["client_id", "state", "created_at"], name="oidc_session_client_notices"),
            models.Index(fields=["problem", "created_at"], name="oidc_session_problems"),
            models.Index(fields=["sid"], name="oidc_session_notices_of_sid"),
        ]
        permissions = [("resend_logoutnotice", _("Can send notices again, and test notices"))]

    def __str__(self) -> str:
        return f"{self.client_id} {self.state}"
