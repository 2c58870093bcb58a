"""The user and application models that the tests run with: Django's and DOT's, or those of tests/swapped."""

from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

User = get_user_model()
Application = get_application_model()
