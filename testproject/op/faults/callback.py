"""Answers to the client's redirect URI: OpenID Connect Core 1.0, "Authentication Error Response"; RFC 9207."""

from collections.abc import Callable

from testproject.op.faults.profile import Members, Profile

CREDENTIALS = {"code", "id_token", "access_token", "token_type", "expires_in", "scope"}


def without_credentials(parameters: Members) -> Members:
    return {name: value for name, value in parameters.items() if name not in CREDENTIALS}


def failing(code: str) -> Profile:
    return Profile(
        f"the callback gets `{code}`",
        callback=lambda parameters: without_credentials(parameters) | {"error": code},
    )


def altered(tells: str, change: Callable[[Members], Members]) -> Profile:
    return Profile(tells, callback=lambda parameters: parameters | change(parameters))


PROFILES = {
    "callback-access-denied": failing("access_denied"),
    "callback-login-required": failing("login_required"),
    "callback-invalid-scope": failing("invalid_scope"),
    "callback-server-error": failing("server_error"),
    "callback-temporarily-unavailable": failing("temporarily_unavailable"),
    "callback-without-code": Profile("the callback gets neither code nor error", callback=without_credentials),
    "callback-another-code": altered("the code is made up", lambda parameters: {"code": "made-up"}),
    "callback-another-state": altered("`state` is not the one sent", lambda parameters: {"state": "another-state"}),
    "callback-another-issuer": altered("`iss` is another's", lambda parameters: {"iss": "https://another.example/o"}),
}
