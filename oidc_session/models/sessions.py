"""The sessions, and what was handed out in them."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from oidc_session.models.where_written import WhereWritten

SID_BYTES = 32


def new_sid() -> str:
    return secrets.token_urlsafe(SID_BYTES)


class EndReason(models.TextChoices):
    """Why an OP session ended."""

    LOGOUT = "logout", _("signed out")
    RP_LOGOUT = "rp_logout", _("signed out by an application")
    USER = "user", _("ended by the person")
    ADMIN = "admin", _("ended by an administrator")
    EXPIRED = "expired", _("expired")
    REPLACED = "replaced", _("somebody else signed in")
    PASSWORD_CHANGE = "password_change", _("password changed")
    USER_INACTIVE = "user_inactive", _("account closed")
    TOO_MANY = "too_many", _("signed in elsewhere too often")


class OPSessionQuerySet(models.QuerySet["OPSession"]):
    def live(self) -> "OPSessionQuerySet":
        return self.filter(ended_at=None)


class OPSession(models.Model):
    """One sign-in of one person at the provider in one browser, from login to logout or expiry."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="op_sessions",
        verbose_name=_("person"),
    )
    auth_time = models.DateTimeField(_("authentication time"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    last_activity = models.DateTimeField(_("last activity"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=20, choices=EndReason, blank=True)
    session_key = models.TextField(_("session key, encrypted"), blank=True, editable=False)
    session_key_hash = models.CharField(
        _("hash of the session key"), max_length=64, blank=True, db_index=True, editable=False
    )
    user_agent = models.CharField(_("user agent"), max_length=255, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    objects = WhereWritten.from_queryset(OPSessionQuerySet)()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index(fields=["user", "ended_at"], name="oidc_session_of_person"),
            models.Index(fields=["ended_at", "expires_at"], name="oidc_session_to_expire"),
            models.Index(fields=["started_at", "id"], name="oidc_session_newest"),
            models.Index(fields=["end_reason", "started_at", "id"], name="oidc_session_by_reason"),
            models.Index(fields=["address"], name="oidc_session_by_address"),
        ]
        permissions = [("end_opsession", _("Can end sessions"))]

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


class RPSession(models.Model):
    """The part that one application has in one OP session; its `sid` is what that application sees."""

    op_session = models.ForeignKey(
        OPSession, on_delete=models.CASCADE, related_name="rp_sessions", verbose_name=_("session")
    )
    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="rp_sessions",
        verbose_name=_("application"),
    )
    sid = models.CharField("sid", max_length=64, unique=True, default=new_sid)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)  # Before its OP session, where it is set.
    iss = models.TextField(_("issuer"), blank=True, editable=False)  # As in the ID token, to be told the same way.
    sub = models.TextField(_("subject"), blank=True, editable=False)

    objects = WhereWritten["RPSession"]()

    class Meta:
        verbose_name = _("application of a session")
        verbose_name_plural = _("applications of a session")
        constraints = [
            models.UniqueConstraint(fields=["op_session", "application"], name="oidc_session_one_rp_session"),
        ]
        indexes = [models.Index(fields=["application", "joined_at", "id"], name="oidc_session_newest_joined")]

    def __str__(self) -> str:
        return f"{self.application} - {self.op_session}"


class Credential(models.Model):
    """What was handed out in an RP session and ends with it: a token, or a family of refresh tokens."""

    class Kind(models.TextChoices):
        CODE = "code"  # Never saved here: see codes.py.
        ACCESS_TOKEN = "access_token"  # noqa: S105
        ID_TOKEN = "id_token"  # noqa: S105
        DEVICE_CODE = "device_code"
        TOKEN_FAMILY = "token_family"  # noqa: S105
        OUTLIVING_TOKEN_FAMILY = "outliving_family"  # noqa: S105

    rp_session = models.ForeignKey(RPSession, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=64)  # A row's primary key, or a family's UUID: no secret.
    auth_time = models.DateTimeField(default=timezone.now)  # As it was: the person may sign in again.

    objects = WhereWritten["Credential"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="oidc_session_one_credential"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_good(self) -> bool:
        """Whether it may still be used: its session is live, or it was meant to outlive it."""
        in_session = self.rp_session.op_session.is_live and self.rp_session.ended_at is None
        return in_session or self.kind == self.Kind.OUTLIVING_TOKEN_FAMILY
