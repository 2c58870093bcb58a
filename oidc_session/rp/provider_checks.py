"""The system checks of each provider in OIDC_RP["providers"]."""

import dataclasses
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from oidc_session.rp.conf import PROVIDER_KEYS, Provider
from oidc_session.rp.http import may_call
from oidc_session.rp.provider_name_checks import ambiguous_name, bad_name
from oidc_session.rp.setting_types import fits, name_of

REQUIRED = ("issuer", "client_id")
CHOICES = {
    "token_endpoint_auth_method": ("client_secret_basic", "client_secret_post", "none"),
    "reauthentication": ("required", "optional", "off"),
    "userinfo": ("off", "optional", "required"),
    "long_logout_hint": ("post", "short"),
}
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
EXPOSABLE = ("access_token", "id_token")

Written = Mapping[str, Any]


def unknown_key(name: str, written: Written) -> Iterator[CheckMessage]:
    for key in (key for key in written if key not in PROVIDER_KEYS):
        nearest = get_close_matches(key, PROVIDER_KEYS)
        yield Error(
            f"{where(name, key)} is not a setting of a provider.",
            hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"They are {', '.join(PROVIDER_KEYS)}.",
            id="oidc_session_rp.E004",
        )


def missing_key(name: str, written: Written) -> Iterator[CheckMessage]:
    for key in (key for key in REQUIRED if not written.get(key)):
        yield Error(
            f"{where(name, key)} must be set.",
            hint=f'Add to {where(name)}: "{key}": what the provider told you.',
            id="oidc_session_rp.E005",
        )


def value_of_wrong_type(name: str, written: Written) -> Iterator[CheckMessage]:
    for key in (key for key in written if key in PROVIDER_KEYS):
        default, value = default_of(key), written[key]
        if not fits(value, default):
            yield Error(
                f"{where(name, key)} must be of type {name_of(default)}, and is of type {type(value).__name__}.",
                hint=f'Write in {where(name)}: "{key}": {default!r}, or another {name_of(default)}.',
                id="oidc_session_rp.E006",
            )


def bad_choice(provider: Provider) -> Iterator[CheckMessage]:
    for key, choices in CHOICES.items():
        if getattr(provider, key) not in choices:
            yield Error(
                f"{where(provider.name, key)} must be one of {', '.join(choices)}.",
                hint=f'Write in {where(provider.name)}: "{key}": "{choices[0]}".',
                id="oidc_session_rp.E007",
            )


def bad_issuer(provider: Provider) -> Iterator[CheckMessage]:
    if not is_url(provider.issuer):
        yield Error(
            f"{where(provider.name, 'issuer')} must be an https URL without query and fragment.",
            hint=f'Write in {where(provider.name)}: "issuer": "https://op.example", as its discovery document has it.',
            id="oidc_session_rp.E008",
        )
    elif not may_call(provider.issuer, provider):
        yield Error(
            f"{where(provider.name, 'issuer')} must begin with https://.",
            hint=f'Elsewhere than on the loopback interface, http needs "allow_http": True in {where(provider.name)}.',
            id="oidc_session_rp.E009",
        )


def bad_scope(provider: Provider) -> Iterator[CheckMessage]:
    if "openid" not in provider.scope.split():
        yield Error(
            f"{where(provider.name, 'scope')} must contain openid.",
            hint=f'Write in {where(provider.name)}: "scope": "{f"openid {provider.scope}".strip()}".',
            id="oidc_session_rp.E010",
        )


def bad_algorithm(provider: Provider) -> Iterator[CheckMessage]:
    refused = [name for name in provider.algorithms if name not in ALGORITHMS]
    if refused or not provider.algorithms:
        yield Error(
            f"{where(provider.name, 'algorithms')} must name asymmetric algorithms.",
            hint=f"Leave it out, or choose from {', '.join(ALGORITHMS)}.",
            id="oidc_session_rp.E011",
        )


def secret_and_method_at_odds(provider: Provider) -> Iterator[CheckMessage]:
    is_public = provider.token_endpoint_auth_method == "none"  # noqa: S105
    if is_public and provider.client_secret:
        yield Error(
            f"{where(provider.name, 'client_secret')} must not be set where no secret is used.",
            hint=f'Leave it out, or "token_endpoint_auth_method": "none", of {where(provider.name)}.',
            id="oidc_session_rp.E012",
        )
    if not is_public and not provider.client_secret:
        yield Error(
            f"{where(provider.name, 'client_secret')} must be set.",
            hint=f'Add it to {where(provider.name)}; a public client has "token_endpoint_auth_method": "none".',
            id="oidc_session_rp.E023",
        )


def token_that_stays_here(provider: Provider) -> Iterator[CheckMessage]:
    refused = [name for name in provider.expose_tokens if name not in EXPOSABLE]
    if refused:
        yield Error(
            f"{where(provider.name, 'expose_tokens')} must not name {', '.join(refused)}.",
            hint=f"Only {' and '.join(EXPOSABLE)} may be given out; a refresh token never is.",
            id="oidc_session_rp.E013",
        )


def mapping_not_found(provider: Provider) -> Iterator[CheckMessage]:
    try:
        found = not provider.map_claims or callable(import_string(provider.map_claims))
    except ImportError:
        found = False
    if not found:
        yield Error(
            f"{where(provider.name, 'map_claims')} must name a function.",
            hint='Write its path: "map_claims": "project.oidc.map_claims". It takes the claims, and returns others.',
            id="oidc_session_rp.E014",
        )


OF_WHAT_IS_WRITTEN = (unknown_key, missing_key, value_of_wrong_type)
OF_A_PROVIDER = (
    bad_choice,
    bad_issuer,
    bad_scope,
    bad_algorithm,
    secret_and_method_at_odds,
    token_that_stays_here,
    mapping_not_found,
)


def check_provider(name: str, written: Written) -> list[CheckMessage]:
    messages = [*bad_name(name), *ambiguous_name(name)]
    messages += [message for rule in OF_WHAT_IS_WRITTEN for message in rule(name, written)]
    if messages:
        return messages
    provider = Provider(name=name, **written)
    return [message for rule in OF_A_PROVIDER for message in rule(provider)]


def is_url(issuer: str) -> bool:
    """Whether it may be an issuer identifier: Discovery 1.0, "Terminology"; apart from its scheme."""
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment


def where(name: str, key: str = "") -> str:
    return f'OIDC_RP["providers"]["{name}"]' + (f'["{key}"]' if key else "")


def default_of(key: str) -> object:
    """Return a key's default; the required ones are strings."""
    described = PROVIDER_KEYS[key]
    if described.default_factory is not dataclasses.MISSING:
        return described.default_factory()
    return "" if described.default is dataclasses.MISSING else described.default
