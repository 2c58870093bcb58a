"""The store that the settings name."""

from oidc_session.rp.cache_store import CacheStore
from oidc_session.rp.conf import conf
from oidc_session.rp.database_store import DatabaseStore
from oidc_session.rp.store import Store

STORES: dict[str, type[Store]] = {"database": DatabaseStore, "cache": CacheStore}


def store() -> Store:
    return STORES[conf.store]()
