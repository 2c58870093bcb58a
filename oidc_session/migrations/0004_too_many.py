from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oidc_session", "0003_administration"),
    ]

    operations = [
        migrations.AlterField(
            model_name="opsession",
            name="end_reason",
            field=models.CharField(
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
                    ("too_many", "signed in elsewhere too often"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
    ]
