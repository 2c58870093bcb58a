"""System checks: each wrong or missing step of the installation, with the line to write."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core.checks import CheckMessage, Error, Warning
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import DEFAULTS as DOT_DEFAULTS
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import AuthorizationView

from oidc_session import cookie_checks, installed_middleware, logout_checks, policy_checks, task_checks
from oidc_session.authorization_mixin import AuthorizationMixin
from oidc_session.conf import DEFAULTS, conf
from oidc_session.middleware import SessionManagementMiddleware
from oidc_session.validators import SessionValidatorMixin

Rule = Callable[[], Iterator[CheckMessage]]

TAKEN_AS = {float: (int, float), list: (list, tuple)}
LIKE_OURS = 0.8  # Beside OIDC_: names without or with a misspelt prefix.
MIDDLEWARE = "oidc_session.middleware.SessionManagementMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def unknown_setting() -> Iterator[CheckMessage]:
    known = [*DEFAULTS, *DOT_DEFAULTS]
    unknown = (str(name) for name in getattr(settings, "OAUTH2_PROVIDER", {}) if name not in known)
    for name in unknown:
        if name.startswith("OIDC_") or get_close_matches(name.upper(), DEFAULTS, cutoff=LIKE_OURS):
            nearest = get_close_matches(name.upper(), known)
            yield Warning(
                f"OAUTH2_PROVIDER[{name!r}] is not a setting of django-oauth-toolkit or oidc_session.",
                hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"Ours are {', '.join(DEFAULTS)}.",
                id="oidc_session.W001",
            )


def setting_of_wrong_type() -> Iterator[CheckMessage]:
    for name, default in DEFAULTS.items():
        value: object = getattr(settings, "OAUTH2_PROVIDER", {}).get(name, default)
        wanted = type(default).__name__
        if not isinstance(value, TAKEN_AS.get(type(default), type(default))):
            yield Error(
                f"OAUTH2_PROVIDER[{name!r}] must be of type {wanted}, and is of type {type(value).__name__}.",
                hint=f'Write in OAUTH2_PROVIDER: "{name}": {default!r}, which is the default, or another {wanted}.',
                id="oidc_session.E007",
            )


def missing_default_session_key() -> Iterator[CheckMessage]:
    if not str(conf.DEFAULT_SESSION_KEY or "").strip():
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
            "OIDC_ENABLED must be True where a feature of oidc_session is on.",
            hint='Add to OAUTH2_PROVIDER: "OIDC_ENABLED": True.',
            id="oidc_session.E002",
        )


def missing_middleware() -> Iterator[CheckMessage]:
    if installed_middleware.position(SessionManagementMiddleware) is None:
        yield Error(
            f"MIDDLEWARE must contain {MIDDLEWARE}, or a subclass of it.",
            hint=f'Add "{MIDDLEWARE}" below "{AUTHENTICATION}".',
            id="oidc_session.E003",
        )


def middleware_out_of_order() -> Iterator[CheckMessage]:
    ours = installed_middleware.position(SessionManagementMiddleware)
    authentication = installed_middleware.position(AuthenticationMiddleware)
    if ours is not None and (authentication is None or ours < authentication):
        yield Error(
            f"{MIDDLEWARE} must stand below {AUTHENTICATION} in MIDDLEWARE.",
            hint=f'Move the line "{MIDDLEWARE}" to just below "{AUTHENTICATION}".',
            id="oidc_session.E004",
        )


def validator_without_our_mixin() -> Iterator[CheckMessage]:
    if not _puts_first(_validator(), SessionValidatorMixin, OAuth2Validator):
        yield Error(
            "OAUTH2_VALIDATOR_CLASS must be a class with oidc_session.validators.SessionValidatorMixin in front of"
            " DOT's OAuth2Validator.",
            hint=(
                'Add to OAUTH2_PROVIDER: "OAUTH2_VALIDATOR_CLASS":'
                ' "oidc_session.validators.SessionOAuth2Validator", or derive your own class from it, or put the'
                " mixin first: class Validator(SessionValidatorMixin, OAuth2Validator)."
            ),
            id="oidc_session.E005",
        )


def urls_not_included() -> Iterator[CheckMessage]:
    try:
        reverse("oauth2_provider:check-session-iframe")
        view = resolve(reverse("oauth2_provider:authorize")).func
    except (NoReverseMatch, Resolver404):
        view = None
    if not _puts_first(getattr(view, "view_class", None), AuthorizationMixin, AuthorizationView):
        yield Error(
            "The URLs of oidc_session must be included in place of oauth2_provider.urls.",
            hint=(
                'Write in urlpatterns: path("o/", include("oidc_session.urls")). Where you have views of your'
                " own, put oidc_session.authorization_mixin.AuthorizationMixin first among the bases of your"
                " AuthorizationView:"
                " class Authorize(AuthorizationMixin, AuthorizationView), and add the pattern"
                ' named "check-session-iframe" to the namespace "oauth2_provider".'
            ),
            id="oidc_session.E006",
        )


ALWAYS: tuple[Rule, ...] = (unknown_setting, setting_of_wrong_type)
WITH_SESSIONS: tuple[Rule, ...] = (
    openid_connect_off,
    missing_middleware,
    middleware_out_of_order,
    validator_without_our_mixin,
    urls_not_included,
    *policy_checks.RULES,
)
WITH_SESSION_MANAGEMENT: tuple[Rule, ...] = (missing_default_session_key, *cookie_checks.RULES)


def check_installation(**kwargs: Any) -> list[CheckMessage]:
    rules = ALWAYS
    if conf.SESSIONS_ENABLED:
        rules += WITH_SESSIONS
    if conf.SESSION_MANAGEMENT_ENABLED:
        rules += WITH_SESSION_MANAGEMENT
    if conf.LOGOUT_NOTICES_ENABLED:
        rules += logout_checks.WITH_LOGOUT_NOTICES
    if conf.BACKCHANNEL_LOGOUT_ENABLED:
        rules += logout_checks.WITH_BACKCHANNEL + task_checks.RULES
    return [message for rule in rules for message in rule()]


def _validator() -> object:
    try:
        return oauth2_settings.OAUTH2_VALIDATOR_CLASS
    except ImportError:
        return None


def _puts_first(found: object, mixin: type, base: type) -> bool:
    """Whether a class has the mixin in front of the base that the mixin changes."""
    order = [ancestor for ancestor in getattr(found, "__mro__", ()) if ancestor in (mixin, base)]
    return order[:1] == [mixin]
