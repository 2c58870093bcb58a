from django.db import models


class Fault(models.Model):
    """The profile by which the provider treats one client."""

    client_id = models.CharField(max_length=100, primary_key=True)
    profile = models.CharField(max_length=50)
    seconds = models.FloatField(null=True)

    def __str__(self):
        return f"{self.client_id}: {self.profile}"
