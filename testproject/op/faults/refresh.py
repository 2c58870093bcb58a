"""Tokens that don't live long, and refreshes that don't work: RFC 6749, "Refreshing an Access Token"."""

from testproject.op.faults.answers import error, failing
from testproject.op.faults.profile import Members, Profile


def short_lived(tokens: Members, seconds: float) -> None:
    tokens["expires_in"] = int(seconds)


def without_refresh_token(tokens: Members, seconds: float) -> None:
    tokens.pop("refresh_token", None)


def refused(code: str, status: int = 400) -> Profile:
    return Profile(f"a refresh fails: {status} `{code}`", endpoint="refresh", answer=error(code, status))


PROFILES = {
    "short-expiry": Profile("access tokens that live for 5 seconds", seconds=5, tokens=short_lived),
    "refresh-loses-group": Profile(
        "without `staff` from the first refresh on, in ID token and userinfo",
        groups=lambda groups: {"groups": [name for name in groups if name != "staff"]},
        after_refresh=True,
    ),
    "refresh-does-not-rotate": Profile("a refresh returns the same refresh token", rotates=False),
    "refresh-absent": Profile(
        "no refresh token; after a refresh the old one stays valid", tokens=without_refresh_token
    ),
    "refresh-invalid-grant": refused("invalid_grant"),
    "refresh-invalid-client": refused("invalid_client", 401),
    "refresh-unauthorized-client": refused("unauthorized_client"),
    "refresh-unsupported-grant-type": refused("unsupported_grant_type"),
    "refresh-429": Profile(
        "a refresh fails: 429, `Retry-After: 2`",
        endpoint="refresh",
        answer=failing(429, **{"Retry-After": "2"}),
    ),
    "refresh-500": Profile("a refresh fails: 500, HTML", endpoint="refresh", answer=failing(500)),
    "refresh-not-json": Profile("a refresh is answered with 200, HTML", endpoint="refresh", answer=failing(200)),
    "refresh-time-out": Profile(
        "a refresh is held for 60 seconds or until the client goes, then 504",
        seconds=60,
        endpoint="refresh",
        holds=True,
        answer=failing(504),
    ),
    "refresh-slow": Profile("a refresh works, but after 8 seconds", seconds=8, endpoint="refresh", holds=True),
}
