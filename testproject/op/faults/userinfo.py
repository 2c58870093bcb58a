"""OpenID Connect Core 1.0, "UserInfo Endpoint"."""

from testproject.op.faults.answers import error, failing
from testproject.op.faults.profile import Profile


def refused(code: str, status: int) -> Profile:
    answer = error(code, status, **{"WWW-Authenticate": f'Bearer error="{code}"'})
    return Profile(f"userinfo is denied: {status} `{code}`", endpoint="user-info", answer=answer)


PROFILES = {
    "userinfo-denied": refused("insufficient_scope", 403),
    "userinfo-invalid-token": refused("invalid_token", 401),
    "userinfo-another-sub": Profile(
        "userinfo of somebody else",
        userinfo=lambda claims: claims | {"sub": "somebody-else"},
    ),
    "userinfo-other-groups": Profile(
        "userinfo knows the group `auditors` alone, whatever the ID token says",
        userinfo=lambda claims: claims | {"groups": ["auditors"]},
    ),
    "userinfo-failing": Profile("userinfo fails: 503, HTML", endpoint="user-info", answer=failing(503)),
    "userinfo-not-json": Profile("userinfo is answered with 200, HTML", endpoint="user-info", answer=failing(200)),
    "userinfo-time-out": Profile(
        "userinfo is held for 60 seconds or until the client goes, then 504",
        seconds=60,
        endpoint="user-info",
        holds=True,
        answer=failing(504),
    ),
}
