"""Who of a provider is whom of ours."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Identity(models.Model):
    """One person of one provider, and the user that this is here; no e-mail address makes them one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="oidc_identities", verbose_name=_("user")
    )
    iss = models.TextField(_("issuer"))
    sub = models.TextField(_("subject"))
    mark = models.CharField(max_length=64, unique=True, editable=False)  # Of both, as long as they may be.
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return gettext("%(subject)s at %(issuer)s") % {"subject": self.sub, "issuer": self.iss}
