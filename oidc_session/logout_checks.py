"""The system checks of front-channel and back-channel logout."""

import math
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

from oidc_session.conf import DEFAULTS, conf
from oidc_session.origins import DEFAULT_PORTS, origin_of
from oidc_session.private_addresses import is_well_formed

WEB = DEFAULT_PORTS.keys()
ABOVE_ZERO = (
    "FRONTCHANNEL_LOGOUT_TIMEOUT",
    "BACKCHANNEL_LOGOUT_TIMEOUT",
    "BACKCHANNEL_LOGOUT_HORIZON",
    "BACKCHANNEL_LOGOUT_TOKEN_EXPIRE_SECONDS",
)


def bad_number_of_seconds() -> Iterator[CheckMessage]:
    for name in ABOVE_ZERO:
        value: object = getattr(conf, name)
        if isinstance(value, int | float) and not 0 < value < math.inf:
            yield Error(
                f"OIDC_{name} must be a number of seconds above zero.",
                hint=f"Leave it out for the default, {DEFAULTS[f'OIDC_{name}']}.",
                id="oidc_session.E010",
            )


def negative_wait() -> Iterator[CheckMessage]:
    wait: object = conf.BACKCHANNEL_LOGOUT_WAIT
    if isinstance(wait, int | float) and not 0 <= wait < math.inf:
        yield Error(
            "OIDC_BACKCHANNEL_LOGOUT_WAIT must be a number of seconds, or 0.",
            hint="With 0, a logout waits for no application; all of them are told in the background.",
            id="oidc_session.E011",
        )


def bad_scheme() -> Iterator[CheckMessage]:
    schemes: object = conf.LOGOUT_URI_ALLOWED_SCHEMES
    if isinstance(schemes, list | tuple) and not (schemes and {str(name).lower() for name in schemes} <= WEB):
        yield Error(
            'OIDC_LOGOUT_URI_ALLOWED_SCHEMES must have "https", "http" or both, and nothing else.',
            hint='Applications are told of logouts by HTTP only. Leave it out for the default, ["https"].',
            id="oidc_session.E012",
        )


def host_map_of_other_things_than_origins() -> Iterator[CheckMessage]:
    host_map: object = conf.BACKCHANNEL_LOGOUT_HOST_MAP
    for public, internal in host_map.items() if isinstance(host_map, dict) else ():
        if not (_is_origin(public) and _is_origin(internal)):
            yield Error(
                f"OIDC_BACKCHANNEL_LOGOUT_HOST_MAP[{public!r}] must lead from an origin to an origin.",
                hint=(
                    "Write scheme, host and port in small letters, no default port, and no slash at the end:"
                    ' {"https://shop.example.org": "http://shop:8000"}.'
                ),
                id="oidc_session.E013",
            )


def malformed_allowed_private_hosts() -> Iterator[CheckMessage]:
    allowed: object = conf.BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS
    for entry in allowed if isinstance(allowed, list | tuple) else ():
        if not (isinstance(entry, str) and is_well_formed(entry)):
            yield Error(
                f"OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS must not have {entry!r} in it.",
                hint='Write a name ("rp.internal"), a pattern ("*.internal"), a network ("10.0.0.0/8") or an address.',
                id="oidc_session.E015",
            )


def bad_signing_key() -> Iterator[CheckMessage]:
    key: object = oauth2_settings.OIDC_RSA_PRIVATE_KEY
    if not key:
        yield Warning(
            "OIDC_RSA_PRIVATE_KEY must be set for applications that are told of logouts with RS256.",
            hint=(
                "Without it only clients with the algorithm HS256 are told; all others wait until there is a key."
                ' Add to OAUTH2_PROVIDER: "OIDC_RSA_PRIVATE_KEY": env("OIDC_RSA_PRIVATE_KEY").'
            ),
            id="oidc_session.W010",
        )
    elif not _can_sign(key):
        yield Error(
            "OIDC_RSA_PRIVATE_KEY must be an RSA private key as a PEM string without a password.",
            hint="Make one with: openssl genrsa 4096. Line breaks belong to it: in an environment variable, too.",
            id="oidc_session.E014",
        )


# Values of another type are E007's.
WITH_LOGOUT_NOTICES = (bad_number_of_seconds, negative_wait, bad_scheme)
WITH_BACKCHANNEL = (host_map_of_other_things_than_origins, malformed_allowed_private_hosts, bad_signing_key)


def _is_origin(value: object) -> bool:
    return isinstance(value, str) and origin_of(value) == value


def _can_sign(pem: object) -> bool:
    try:
        key = jwk_from_pem(pem)
    except Exception:  # Whatever is wrong with it: the text could show some of the key.
        return False
    return bool(key.has_private) and key["kty"] == "RSA"
