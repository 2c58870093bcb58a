import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings

import oidc_session.models.sessions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OPSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "auth_time",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="authentication time"),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="started")),
                (
                    "last_activity",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="last activity"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("logout", "signed out"),
                            ("rp_logout", "signed out by an application"),
                            ("user", "ended by the person"),
                            ("admin", "ended by an administrator"),
                            ("expired", "expired"),
                            ("replaced", "somebody else signed in"),
                            ("password_change", "password changed"),
                            ("user_inactive", "account closed"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("session_key", models.TextField(blank=True, editable=False, verbose_name="session key, encrypted")),
                (
                    "session_key_hash",
                    models.CharField(
                        blank=True, db_index=True, editable=False, max_length=64, verbose_name="hash of the session key"
                    ),
                ),
                ("user_agent", models.CharField(blank=True, max_length=255, verbose_name="user agent")),
                ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="address")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="op_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.CreateModel(
            name="RPSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sid",
                    models.CharField(
                        default=oidc_session.models.sessions.new_sid, max_length=64, unique=True, verbose_name="sid"
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rp_sessions",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "op_session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rp_sessions",
                        to="oidc_session.opsession",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "application of a session",
                "verbose_name_plural": "applications of a session",
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("code", "Code"),
                            ("access_token", "Access Token"),
                            ("id_token", "Id Token"),
                            ("device_code", "Device Code"),
                            ("token_family", "Token Family"),
                            ("outliving_family", "Outliving Token Family"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("auth_time", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "rp_session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credentials",
                        to="oidc_session.rpsession",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.TextField(verbose_name="scopes")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="given")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "application"), name="oidc_session_one_consent")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="opsession",
            index=models.Index(fields=["user", "ended_at"], name="oidc_session_of_person"),
        ),
        migrations.AddIndex(
            model_name="opsession",
            index=models.Index(fields=["ended_at", "expires_at"], name="oidc_session_to_expire"),
        ),
        migrations.AddConstraint(
            model_name="rpsession",
            constraint=models.UniqueConstraint(
                fields=("op_session", "application"), name="oidc_session_one_rp_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="oidc_session_one_credential"),
        ),
    ]
