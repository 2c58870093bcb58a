"""The project's MIDDLEWARE, as far as its names lead to something."""

from django.conf import settings
from django.utils.module_loading import import_string


def position(wanted: type) -> int | None:
    """Return where a class, or a subclass of it, first stands in MIDDLEWARE."""
    for place, path in enumerate(settings.MIDDLEWARE):
        found = _imported(path)
        if isinstance(found, type) and issubclass(found, wanted):
            return place
    return None


def _imported(path: str) -> object:
    try:
        return import_string(path)
    except ImportError:  # Misspelt: Django says so when it starts to serve.
        return None
