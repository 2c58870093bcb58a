"""Django's sessions in the database, very many in one query: for Django's own stores that keep them there."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import caches
from django.db.models import QuerySet
from django.utils import timezone

OWN = [(store.load, store.delete) for store in (DatabaseStore, CachedStore)]


def are_in(store: type[Any]) -> bool:
    """Whether a store finds and deletes sessions as Django's do; a project's own may do more."""
    return (store.load, store.delete) in OWN


def there(store: type[Any], keys: Collection[str]) -> set[str]:
    """Return which of these session keys the store has."""
    stored = _rows(store, keys).filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True)
    cached = _cached(store, keys)
    return {*stored, *map(cached.__getitem__, _cache().get_many(cached))} if cached else set(stored)


def delete(store: type[Any], keys: Collection[str]) -> None:
    _rows(store, keys).delete()
    if cached := _cached(store, keys):
        _cache().delete_many(cached)


def _rows(store: type[Any], keys: Collection[str]) -> QuerySet[Any]:
    rows: QuerySet[Any] = store.get_model_class().objects.filter(session_key__in=keys)
    return rows


def _cached(store: type[Any], keys: Collection[str]) -> dict[str, str]:
    """Return the session keys by what they are called in the cache; none where the store has no cache."""
    prefix = getattr(store, "cache_key_prefix", None)
    return {} if prefix is None else {prefix + key: key for key in keys}


def _cache() -> Any:
    return caches[settings.SESSION_CACHE_ALIAS]
