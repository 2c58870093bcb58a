import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    dependencies = [
        ("oidc_session", "0001_sessions"),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="rpsession",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ended"),
        ),
        migrations.AddField(
            model_name="rpsession",
            name="iss",
            field=models.TextField(blank=True, editable=False, verbose_name="issuer"),
        ),
        migrations.AddField(
            model_name="rpsession",
            name="sub",
            field=models.TextField(blank=True, editable=False, verbose_name="subject"),
        ),
        migrations.CreateModel(
            name="ClientLogoutSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "frontchannel_logout_uri",
                    models.CharField(blank=True, max_length=2048, verbose_name="front-channel logout URI"),
                ),
                (
                    "frontchannel_logout_session_required",
                    models.BooleanField(default=False, verbose_name="front-channel logout needs a session"),
                ),
                (
                    "backchannel_logout_uri",
                    models.CharField(blank=True, max_length=2048, verbose_name="back-channel logout URI"),
                ),
                (
                    "backchannel_logout_session_required",
                    models.BooleanField(default=False, verbose_name="back-channel logout needs a session"),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="logout_settings",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "verbose_name": "logout settings",
                "verbose_name_plural": "logout settings",
            },
        ),
        migrations.CreateModel(
            name="LogoutNotice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("client_id", models.CharField(max_length=255, verbose_name="client")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("backchannel", "server to server"),
                            ("frontchannel", "in the browser"),
                            ("none", "none"),
                        ],
                        max_length=12,
                        verbose_name="channel",
                    ),
                ),
                ("iss", models.TextField(blank=True, verbose_name="issuer")),
                ("sub", models.TextField(blank=True, verbose_name="subject")),
                ("sid", models.CharField(max_length=64, verbose_name="sid")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("delivered", "delivered"),
                            ("shown", "shown in the browser"),
                            ("failed", "failed"),
                            ("untold", "could not be told"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_uri", "the application has no logout URI that may be used"),
                            ("no_browser", "no browser was there to show it in"),
                            ("client_deleted", "the application was deleted"),
                            ("no_key", "there is no key to sign with"),
                            ("connection", "no connection"),
                            ("timeout", "no answer in time"),
                            ("certificate", "the certificate is not valid"),
                            ("private_address", "the address is in a private network"),
                            ("answer", "the application answered that it failed"),
                            ("internal", "an error of the provider's own, see its log"),
                        ],
                        max_length=20,
                        verbose_name="problem",
                    ),
                ),
                (
                    "last_status",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="last HTTP status"),
                ),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="written")),
                ("last_attempt_at", models.DateTimeField(blank=True, null=True, verbose_name="last attempt")),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True, verbose_name="next attempt")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("lease", models.UUIDField(editable=False, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="logout_notices",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "rp_session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="logout_notices",
                        to="oidc_session.rpsession",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "logout notice",
                "verbose_name_plural": "logout notices",
                "indexes": [models.Index(fields=["state", "next_attempt_at"], name="oidc_session_due_notices")],
            },
        ),
    ]
