"""A provider's metadata and keys, kept in Django's cache: Discovery 1.0, "OpenID Provider Configuration Request"."""

import hashlib
from typing import Any

from django.core.cache import BaseCache, caches
from jwcrypto import jwk
from jwcrypto.common import JWException, json_encode

from oidc_session.rp.conf import Provider, conf
from oidc_session.rp.exceptions import ProviderUnavailable
from oidc_session.rp.http import fetch, may_call

CONFIGURATION = "/.well-known/openid-configuration"


def metadata(provider: Provider) -> dict[str, Any]:
    """Return the provider's metadata; raise ProviderUnavailable where there are none, or those of another issuer."""
    key = _key("metadata", provider)
    found: dict[str, Any] | None = _cache().get(key)
    if found is None:
        found = fetch(provider, provider.issuer.removesuffix("/") + CONFIGURATION)
        if found.get("issuer") != provider.issuer:
            raise ProviderUnavailable(f"The metadata of {provider.name} name another issuer.")
        _cache().set(key, found, conf.metadata_lifetime)
    return found


def endpoint(provider: Provider, name: str) -> str:
    """Return one URL of the metadata; raise ProviderUnavailable where it is missing or may not be called."""
    url = metadata(provider).get(name)
    if not isinstance(url, str) or not may_call(url, provider):
        raise ProviderUnavailable(f"The metadata of {provider.name} have no {name}.")
    return url


def keys(provider: Provider) -> jwk.JWKSet:
    """Return the keys that sign ID tokens."""
    found = _cache().get(_key("jwks", provider))
    return _key_set(found, provider) if found else _fetched_keys(provider)


def keys_anew(provider: Provider) -> jwk.JWKSet | None:
    """Return the keys as they are now; None where we have looked a moment ago: unknown keys cost nothing."""
    if not _cache().add(_key("jwks-asked", provider), True, conf.jwks_interval):
        return None
    return _fetched_keys(provider)


def _fetched_keys(provider: Provider) -> jwk.JWKSet:
    found = fetch(provider, endpoint(provider, "jwks_uri"))
    key_set = _key_set(found, provider)
    _cache().set(_key("jwks", provider), found, conf.metadata_lifetime)
    return key_set


def _key_set(found: dict[str, Any], provider: Provider) -> jwk.JWKSet:
    """Read the keys one by one: one of a kind that we don't know must not hide the others."""
    key_set = jwk.JWKSet()
    described = found.get("keys")
    for each in described if isinstance(described, list) else []:
        try:
            key_set.import_keyset(json_encode({"keys": [each]}))
        except (JWException, ValueError, TypeError, AttributeError):
            continue
    if not key_set["keys"]:
        raise ProviderUnavailable(f"{provider.name} shows no key that we know.")
    return key_set


def _cache() -> BaseCache:
    return caches[conf.cache]


def _key(what: str, provider: Provider) -> str:
    return f"oidc_rp:{what}:{hashlib.sha256(provider.issuer.encode()).hexdigest()}"
