"""System checks: each wrong or missing step of the installation, with the line to write."""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.module_loading import import_string
from oauth2_provider.settings import DEFAULTS as DOT_DEFAULTS
from oauth2_provider.settings import oauth2_settings

from oidc_session.conf import DEFAULTS, conf
from oidc_session.middleware import SessionManagementMiddleware
from oidc_session.mixins import AuthorizationMixin
from oidc_session.validators import SessionValidatorMixin

Rule = Callable[[], Iterator[CheckMessage]]

MIDDLEWARE = "oidc_session.middleware.SessionManagementMiddleware"
COOKIE_NAME = re.compile(r"[\w.-]+", re.ASCII)
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def unknown_setting() -> Iterator[CheckMessage]:
    known = [*DEFAULTS, *DOT_DEFAULTS]
    for name in getattr(settings, "OAUTH2_PROVIDER", {}):
        if name.startswith("OIDC_") and name not in known:
            nearest = get_close_matches(name, known)
            yield Warning(
                f"OAUTH2_PROVIDER[{name!r}] is not a setting of django-oauth-toolkit or oidc_session.",
                hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"Ours are {', '.join(DEFAULTS)}.",
                id="oidc_session.W001",
            )


def setting_of_wrong_type() -> Iterator[CheckMessage]:
    for name, default in DEFAULTS.items():
        value: object = getattr(settings, "OAUTH2_PROVIDER", {}).get(name, default)
        if not isinstance(value, type(default)):
            yield Error(
                f"OAUTH2_PROVIDER[{name!r}] must be of type {type(default).__name__}.",
                hint=f"It is of type {type(value).__name__}; the default is {default!r}.",
                id="oidc_session.E007",
            )


def missing_default_session_key() -> Iterator[CheckMessage]:
    if not conf.DEFAULT_SESSION_KEY:
        yield Error(
            "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY must be set where OIDC_SESSION_MANAGEMENT_ENABLED is.",
            hint=(
                "It marks the cookies of signed-out browsers. Add to OAUTH2_PROVIDER a secret of your own, the"
                ' same for all server processes: "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY":'
                ' env("OIDC_DEFAULT_SESSION_KEY").'
            ),
            id="oidc_session.E001",
        )


def openid_connect_off() -> Iterator[CheckMessage]:
    if not oauth2_settings.OIDC_ENABLED:
        yield Error(
            "OIDC_ENABLED must be True where OIDC_SESSION_MANAGEMENT_ENABLED is.",
            hint='Add to OAUTH2_PROVIDER: "OIDC_ENABLED": True.',
            id="oidc_session.E002",
        )


def missing_middleware() -> Iterator[CheckMessage]:
    if _position(SessionManagementMiddleware) is None:
        yield Error(
            f"MIDDLEWARE must contain {MIDDLEWARE}, or a subclass of it.",
            hint=f'Add "{MIDDLEWARE}" below "{AUTHENTICATION}".',
            id="oidc_session.E003",
        )


def middleware_out_of_order() -> Iterator[CheckMessage]:
    ours = _position(SessionManagementMiddleware)
    authentication = _position(import_string(AUTHENTICATION))
    if ours is not None and (authentication is None or ours < authentication):
        yield Error(
            f"{MIDDLEWARE} must stand below {AUTHENTICATION} in MIDDLEWARE.",
            hint=f'Move the line "{MIDDLEWARE}" to just below "{AUTHENTICATION}".',
            id="oidc_session.E004",
        )


def validator_without_our_mixin() -> Iterator[CheckMessage]:
    if not issubclass(oauth2_settings.OAUTH2_VALIDATOR_CLASS, SessionValidatorMixin):
        yield Error(
            "OAUTH2_VALIDATOR_CLASS must be a subclass of oidc_session.validators.SessionValidatorMixin.",
            hint=(
                'Add to OAUTH2_PROVIDER: "OAUTH2_VALIDATOR_CLASS":'
                ' "oidc_session.validators.SessionOAuth2Validator", or derive your own class from it.'
            ),
            id="oidc_session.E005",
        )


def urls_not_included() -> Iterator[CheckMessage]:
    try:
        reverse("oauth2_provider:check-session-iframe")
        view = resolve(reverse("oauth2_provider:authorize")).func
    except (NoReverseMatch, Resolver404):
        view = None
    if not issubclass(getattr(view, "view_class", object), AuthorizationMixin):
        yield Error(
            "The URLs of oidc_session must be included in place of oauth2_provider.urls.",
            hint=(
                'Write in urlpatterns: path("o/", include("oidc_session.urls")). Where you have views of your'
                " own, add oidc_session.mixins.AuthorizationMixin to your AuthorizationView, and the pattern"
                ' named "check-session-iframe" to the namespace "oauth2_provider".'
            ),
            id="oidc_session.E006",
        )


def bad_cookie_name() -> Iterator[CheckMessage]:
    taken = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    if conf.COOKIE_NAME in taken or not COOKIE_NAME.fullmatch(str(conf.COOKIE_NAME)):
        yield Error(
            "OIDC_SESSION_MANAGEMENT_COOKIE_NAME must be a cookie name that nothing else uses.",
            hint="It may have letters, digits, '_', '-' and '.'; leave it out for \"oidc_ua_agent_state\".",
            id="oidc_session.E008",
        )


def session_cookie_lost_between_sites() -> Iterator[CheckMessage]:
    if settings.SESSION_COOKIE_SAMESITE == "Strict":
        yield Warning(
            'SESSION_COOKIE_SAMESITE = "Strict" makes a person who comes from another site look signed out.',
            hint='Set it to "Lax", or to "None" where relying parties of other sites use prompt=none.',
            id="oidc_session.W002",
        )
    if settings.SESSION_COOKIE_SAMESITE == "None" and not settings.SESSION_COOKIE_SECURE:
        yield Warning(
            'Browsers refuse a session cookie with SESSION_COOKIE_SAMESITE = "None" that is not secure.',
            hint="Set SESSION_COOKIE_SECURE = True.",
            id="oidc_session.W003",
        )


ALWAYS: tuple[Rule, ...] = (unknown_setting, setting_of_wrong_type)
WHERE_ENABLED: tuple[Rule, ...] = (
    missing_default_session_key,
    openid_connect_off,
    missing_middleware,
    middleware_out_of_order,
    validator_without_our_mixin,
    urls_not_included,
    bad_cookie_name,
    session_cookie_lost_between_sites,
)


def check_installation(**kwargs: Any) -> list[CheckMessage]:
    rules = ALWAYS + (WHERE_ENABLED if conf.SESSION_MANAGEMENT_ENABLED else ())
    return [message for rule in rules for message in rule()]


def _position(wanted: type) -> int | None:
    for position, path in enumerate(settings.MIDDLEWARE):
        found: object = import_string(path)
        if isinstance(found, type) and issubclass(found, wanted):
            return position
    return None
