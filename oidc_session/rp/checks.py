"""System checks of OIDC_RP: each wrong or missing value, with the line to write."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from oidc_session.rp import installation_checks
from oidc_session.rp.conf import DEFAULTS, conf
from oidc_session.rp.provider_checks import check_provider
from oidc_session.rp.setting_types import fits, name_of
from oidc_session.rp.stores import STORES

COOKIE_NAME = re.compile(r"[\w.-]+", re.ASCII)
SHORTEST_KEY = 32


def no_settings() -> Iterator[CheckMessage]:
    if not isinstance(getattr(settings, "OIDC_RP", None), Mapping):
        yield Error(
            "OIDC_RP must be a dict with the key providers.",
            hint='Write: OIDC_RP = {"providers": {"demo": {"issuer": "https://op.example", "client_id": "..."}}}.',
            id="oidc_session_rp.E001",
        )


def unknown_setting() -> Iterator[CheckMessage]:
    for name in (str(name) for name in settings.OIDC_RP if name not in DEFAULTS):
        nearest = get_close_matches(name, DEFAULTS)
        yield Warning(
            f"OIDC_RP[{name!r}] is not a setting of oidc_session.rp.",
            hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"Ours are {', '.join(DEFAULTS)}.",
            id="oidc_session_rp.W001",
        )


def setting_of_wrong_type() -> Iterator[CheckMessage]:
    for name, default in DEFAULTS.items():
        value: object = settings.OIDC_RP.get(name, default)
        if not fits(value, default):
            yield Error(
                f"OIDC_RP[{name!r}] must be of type {name_of(default)}, and is of type {type(value).__name__}.",
                hint=f'Write in OIDC_RP: "{name}": {default!r}, which is the default, or another {name_of(default)}.',
                id="oidc_session_rp.E002",
            )


def number_out_of_range() -> Iterator[CheckMessage]:
    for name, default in DEFAULTS.items():
        least = 0 if name == "refresh_ahead" else 1 if isinstance(default, int) else 0.01
        if isinstance(default, int | float) and getattr(conf, name) < least:
            yield Error(
                f"OIDC_RP[{name!r}] must be {'zero or more' if least == 0 else 'above zero'}.",
                hint=f'Write in OIDC_RP: "{name}": {default!r}, which is the default, or leave it out.',
                id="oidc_session_rp.E015",
            )


def no_provider() -> Iterator[CheckMessage]:
    if not conf.providers:
        yield Error(
            'OIDC_RP["providers"] must have a provider.',
            hint='Write: "providers": {"demo": {"issuer": "https://op.example", "client_id": "..."}}.',
            id="oidc_session_rp.E016",
        )
    elif conf.default_provider and conf.default_provider not in conf.providers:
        yield Error(
            'OIDC_RP["default_provider"] must be one of OIDC_RP["providers"].',
            hint=f"Choose from {', '.join(conf.providers)}, or leave it out for the first.",
            id="oidc_session_rp.E017",
        )


def bad_provider() -> Iterator[CheckMessage]:
    for name, written in conf.providers.items():
        if isinstance(written, Mapping):
            yield from check_provider(name, written)
        else:
            yield Error(
                f'OIDC_RP["providers"]["{name}"] must be a dict, and is of type {type(written).__name__}.',
                hint='Write: {"issuer": "https://op.example", "client_id": "...", "client_secret": "..."}.',
                id="oidc_session_rp.E018",
            )


def bad_cookie_name() -> Iterator[CheckMessage]:
    names = {f"{conf.cookie_name}_{name}" for name in conf.providers}
    taken = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    if names & taken or not COOKIE_NAME.fullmatch(conf.cookie_name):
        yield Error(
            'OIDC_RP["cookie_name"] must begin the name of a cookie that nothing else uses.',
            hint="It may have letters, digits, '_', '-' and '.'; leave it out for \"oidc_rp\".",
            id="oidc_session_rp.E019",
        )


def store_not_found() -> Iterator[CheckMessage]:
    if conf.store not in STORES:
        yield Error(
            f'OIDC_RP["store"] must be one of {", ".join(STORES)}.',
            hint='Write in OIDC_RP: "store": "database".',
            id="oidc_session_rp.E020",
        )


def unknown_alias() -> Iterator[CheckMessage]:
    if conf.cache not in settings.CACHES:
        yield Error(
            'OIDC_RP["cache"] must be a key of CACHES.',
            hint=f"Choose from {', '.join(settings.CACHES)}, or leave it out.",
            id="oidc_session_rp.E021",
        )
    if conf.database and conf.database not in settings.DATABASES:
        yield Error(
            'OIDC_RP["database"] must be a key of DATABASES.',
            hint=f"Choose from {', '.join(settings.DATABASES)}, or leave it out.",
            id="oidc_session_rp.E022",
        )


def short_encryption_key() -> Iterator[CheckMessage]:
    if any(len(key) < SHORTEST_KEY for key in conf.encryption_keys):
        yield Error(
            f'Each of OIDC_RP["encryption_keys"] must have {SHORTEST_KEY} characters or more.',
            hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))".',
            id="oidc_session_rp.E024",
        )


RULES = (
    number_out_of_range,
    no_provider,
    bad_provider,
    bad_cookie_name,
    store_not_found,
    unknown_alias,
    short_encryption_key,
)


def check_configuration(**kwargs: Any) -> list[CheckMessage]:
    if found := list(no_settings()):
        return found
    messages = [*unknown_setting(), *setting_of_wrong_type()]
    if any(message.id == "oidc_session_rp.E002" for message in messages):
        return messages  # The other rules take the values for what they ought to be.
    messages += [message for rule in RULES for message in rule()]
    if any(message.is_serious() for message in messages):
        return messages
    return messages + [message for rule in installation_checks.RULES for message in rule()]
