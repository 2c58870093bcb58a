"""What people have allowed applications."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from oidc_session.models.where_written import WhereWritten


class Consent(models.Model):
    """What a person allowed an application; it outlives sessions and tokens."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents", verbose_name=_("person")
    )
    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="consents",
        verbose_name=_("application"),
    )
    scope = models.TextField(_("scopes"))
    given_at = models.DateTimeField(_("given"), default=timezone.now)

    objects = WhereWritten["Consent"]()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["user", "application"], name="oidc_session_one_consent"),
        ]

    def __str__(self) -> str:
        return f"{self.user} - {self.application}"

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()
