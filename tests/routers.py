"""Two databases, as where several sites share their people: people and tokens in one, each site's own in another."""

IDENTITY_APPS = {"auth", "contenttypes", "admin", "oauth2_provider", "oidc_session", "oidc_session_rp_users", "swapped"}


class IdentityRouter:
    """All that has a foreign key to a person is in the person's database; Django's sessions have none."""

    def db_for_read(self, model, **hints):
        return database_of(model._meta.app_label)

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return db == database_of(app_label)


def database_of(app_label):
    return "identity" if app_label in IDENTITY_APPS else "default"
