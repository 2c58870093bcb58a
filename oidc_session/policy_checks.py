"""The system checks of a session's lifetimes, of how many a person may have, and of how long one is remembered."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from oidc_session.conf import conf
from oidc_session.session_limit import END_OLDEST, REFUSE

LIMITS = ("SESSION_LIFETIME", "SESSION_IDLE_LIFETIME", "SESSION_MAX_PER_PERSON")


def bad_limit() -> Iterator[CheckMessage]:
    for name in LIMITS:
        value: object = getattr(conf, name)
        if isinstance(value, int) and value < 0:
            yield Error(
                f"OIDC_{name} must be a number above zero, or 0 for no limit.",
                hint="Leave it out for no limit.",
                id="oidc_session.E018",
            )


def idle_lifetime_shorter_than_it_is_measured() -> Iterator[CheckMessage]:
    idle, interval = (value if isinstance(value, int) else 0 for value in _idle_and_interval())
    if 0 < idle <= interval:
        yield Error(
            "OIDC_SESSION_IDLE_LIFETIME must be more than OIDC_SESSION_ACTIVITY_INTERVAL.",
            hint=(
                f"Activity is written once in {interval} seconds, and who is active would be signed out. Write in"
                f' OAUTH2_PROVIDER: "OIDC_SESSION_ACTIVITY_INTERVAL": {idle // 5}, or make the lifetime longer.'
            ),
            id="oidc_session.E019",
        )


def bad_function() -> Iterator[CheckMessage]:
    for name in LIMITS:
        path: object = getattr(conf, f"{name}_FUNCTION")
        if isinstance(path, str) and path and not _is_function(path):
            yield Error(
                f"OIDC_{name}_FUNCTION must be the dotted path of a function, and {path!r} leads to none.",
                hint=f'Write in OAUTH2_PROVIDER: "OIDC_{name}_FUNCTION": "project.policy.limit", where that module has'
                " def limit(user, application): return None.",
                id="oidc_session.E020",
            )


def unknown_answer_to_too_many() -> Iterator[CheckMessage]:
    answer: object = conf.SESSION_TOO_MANY
    if isinstance(answer, str) and answer not in (END_OLDEST, REFUSE):
        yield Error(
            f'OIDC_SESSION_TOO_MANY must be "{END_OLDEST}" or "{REFUSE}".',
            hint=f'Leave it out for the default, "{END_OLDEST}".',
            id="oidc_session.E021",
        )


def bad_retention() -> Iterator[CheckMessage]:
    days: object = conf.SESSION_RETENTION_DAYS
    if isinstance(days, int) and days < 1:
        yield Error(
            "OIDC_SESSION_RETENTION_DAYS must be a number of days above zero.",
            hint="Leave it out for 30 days. To remember sessions for ever, don't run clear_op_sessions.",
            id="oidc_session.E022",
        )


RULES = (
    bad_limit,
    idle_lifetime_shorter_than_it_is_measured,
    bad_function,
    unknown_answer_to_too_many,
    bad_retention,
)


def _idle_and_interval() -> tuple[object, object]:
    return conf.SESSION_IDLE_LIFETIME, conf.SESSION_ACTIVITY_INTERVAL


def _is_function(path: str) -> bool:
    try:
        return callable(import_string(path))
    except Exception:  # Whatever happens while a module of the project's is imported.
        return False
