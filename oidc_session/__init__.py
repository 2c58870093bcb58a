"""OpenID Connect sessions for django-oauth-toolkit."""

__version__ = "0.1.0"
