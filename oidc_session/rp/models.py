"""The tables of the database store. Times are seconds since 1970, as the specifications have them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredSession(models.Model):
    """One person's session at one provider in one browser: a reader learns not whose, nor how to take it."""

    key = models.CharField(max_length=64, primary_key=True)  # Of the handle in the browser, the hash.
    sealed = models.TextField()
    version = models.PositiveIntegerField(default=0)
    sub_mark = models.CharField(max_length=64, db_index=True)
    sid_mark = models.CharField(max_length=64, db_index=True, blank=True)
    started_at = models.FloatField(db_index=True)
    used_at = models.FloatField(db_index=True)
    leased_by = models.CharField(max_length=32, blank=True)
    leased_until = models.FloatField(default=0)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return self.key[:8]


class LoginUnderWay(models.Model):
    """A login from the redirect to the provider until the browser is back."""

    key = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField()
    ends_at = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("login under way")
        verbose_name_plural = _("logins under way")

    def __str__(self) -> str:
        return self.key[:8]


class StoredDraft(models.Model):
    """What one person has typed into one field of one page; or, of nobody, that a draft has arrived as a form."""

    key = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField(blank=True)
    owner = models.CharField(max_length=64, db_index=True, blank=True)
    ends_at = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return self.key[:8]
