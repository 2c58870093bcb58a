from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oidc_session_rp", "0001_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredDraft",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.TextField(blank=True)),
                ("owner", models.CharField(blank=True, db_index=True, max_length=64)),
                ("ends_at", models.FloatField(db_index=True)),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
            },
        ),
    ]
