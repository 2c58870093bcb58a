"""Orders to sign everybody out of an application."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings


class ApplicationLogout(models.Model):
    """One order to sign everybody out of one application, and how far that has come."""

    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="logouts_of_everybody",
        verbose_name=_("application"),
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("ordered by"),
    )
    ordered_at = models.DateTimeField(_("ordered"), default=timezone.now)  # Who signs in later stays signed in.
    total = models.PositiveIntegerField(_("sessions to end"), null=True, blank=True)
    ended = models.PositiveIntegerField(_("ended so far"), default=0)
    lease_ends = models.DateTimeField(null=True, editable=False)  # While somebody is at it.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("logout of everybody")
        verbose_name_plural = _("logouts of everybody")

    def __str__(self) -> str:
        return f"{self.application} {self.ordered_at:%Y-%m-%d %H:%M}"
