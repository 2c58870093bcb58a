import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    dependencies = [
        ("oidc_session", "0002_logout_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationLogout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordered_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="ordered")),
                ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="sessions to end")),
                ("ended", models.PositiveIntegerField(default=0, verbose_name="ended so far")),
                ("lease_ends", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "logout of everybody",
                "verbose_name_plural": "logouts of everybody",
            },
        ),
        migrations.AlterModelOptions(
            name="logoutnotice",
            options={
                "permissions": [("resend_logoutnotice", "Can send notices again, and test notices")],
                "verbose_name": "logout notice",
                "verbose_name_plural": "logout notices",
            },
        ),
        migrations.AlterModelOptions(
            name="opsession",
            options={
                "permissions": [("end_opsession", "Can end sessions")],
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(fields=["created_at", "id"], name="oidc_session_newest_notices"),
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(fields=["client_id", "state", "created_at"], name="oidc_session_client_notices"),
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(fields=["problem", "created_at"], name="oidc_session_problems"),
        ),
        migrations.AddIndex(
            model_name="logoutnotice",
            index=models.Index(fields=["sid"], name="oidc_session_notices_of_sid"),
        ),
        migrations.AddIndex(
            model_name="opsession",
            index=models.Index(fields=["started_at", "id"], name="oidc_session_newest"),
        ),
        migrations.AddIndex(
            model_name="opsession",
            index=models.Index(fields=["end_reason", "started_at", "id"], name="oidc_session_by_reason"),
        ),
        migrations.AddIndex(
            model_name="opsession",
            index=models.Index(fields=["address"], name="oidc_session_by_address"),
        ),
        migrations.AddIndex(
            model_name="rpsession",
            index=models.Index(fields=["application", "joined_at", "id"], name="oidc_session_newest_joined"),
        ),
        migrations.AddField(
            model_name="applicationlogout",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="logouts_of_everybody",
                to=oauth2_settings.APPLICATION_MODEL,
                verbose_name="application",
            ),
        ),
        migrations.AddField(
            model_name="applicationlogout",
            name="ordered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="ordered by",
            ),
        ),
    ]
