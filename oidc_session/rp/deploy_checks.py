"""The system checks of `manage.py check --deploy`."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from oidc_session.rp.checks import check_configuration
from oidc_session.rp.conf import conf, provider_named, provider_names
from oidc_session.rp.http import is_loopback_url

OF_ONE_PROCESS = ("django.core.cache.backends.locmem.", "django.core.cache.backends.dummy.")


def cache_of_one_process() -> Iterator[CheckMessage]:
    backend = str(settings.CACHES[conf.cache].get("BACKEND"))
    if backend.startswith(OF_ONE_PROCESS):
        what = "Sessions are" if conf.store == "cache" else "Each looks after its providers' keys alone: they are"
        yield Warning(
            f'CACHES["{conf.cache}"] must be shared by all server processes.',
            hint=f"{what} kept by {backend}. Use Redis, Memcached or the database cache.",
            id="oidc_session_rp.W003",
        )


def plain_http() -> Iterator[CheckMessage]:
    for provider in map(provider_named, provider_names()):
        if provider.allow_http or is_loopback_url(provider.issuer):
            yield Warning(
                f'OIDC_RP["providers"]["{provider.name}"] must be on https.',
                hint='Codes and tokens go there in plain text. Take "allow_http" out, and write "issuer": "https://...".',
                id="oidc_session_rp.W004",
            )


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    if any(message.is_serious() for message in check_configuration()):
        return []  # That comes first, and these would fall over it.
    return [message for rule in (cache_of_one_process, plain_http) for message in rule()]
