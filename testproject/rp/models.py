import uuid

from django.db import models


class SignIn(models.Model):
    """One person signed in in one browser; gone as soon as that has ended, here or at the provider."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sid = models.TextField(blank=True, db_index=True)  # The provider's name for its session with this application.
    sub = models.TextField(db_index=True)
    person = models.JSONField()
    signed_in_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sub
