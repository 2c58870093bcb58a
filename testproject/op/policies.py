"""Whom the sample provider asks for what; the settings name these, so models are looked up late."""

from django.apps import apps


def pkce_required(client_id: str) -> bool:
    """Public clients only: relying parties of all kinds are tried here."""
    application = apps.get_model("oauth2_provider", "Application")
    return application.objects.filter(client_id=client_id, client_type=application.CLIENT_PUBLIC).exists()
