"""People, sessions and notices that look like those of a real site, in the sample provider's database.

Run by tools.pictures, in the provider's environment: `python -m tools.picture_people past`, and `... now SLOW` once
alice has signed in, with the address of an application that does not answer; `... order` begins a logout of everybody.
"""

import sys
from datetime import timedelta
from typing import Any

import django
from django.utils import timezone

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    " Edg/142.0.0.0"
)
PEOPLE = ["bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"]
APPLICATIONS = {"wiki": "Wiki", "calendar": "Calendar", "time-sheets": "Time sheets", "tickets": "Tickets"}
ISSUER = "https://login.example/o"


def past() -> None:
    """Write what has happened before alice signs in."""
    applications = [application(client_id, name) for client_id, name in APPLICATIONS.items()]
    alice = person("alice")
    joined(session(alice, SAFARI, "2001:db8:4a::17", hours=30), applications[:2])
    ended(session(alice, CHROME, "198.51.100.23", hours=77), applications[:2], "user", 70)
    ended(session(alice, EDGE, "203.0.113.40", hours=190), applications[1:3], "expired", 20)
    for number, name in enumerate(PEOPLE):
        agent = (FIREFOX, SAFARI, CHROME, EDGE)[number % 4]
        live = session(person(name), agent, f"203.0.113.{40 + 7 * number}", hours=2 + 5 * number)
        if number % 3 == 2:
            ended(live, applications, "admin" if number % 2 else "rp_logout", 1 + number)
        else:
            joined(live, applications[number % 2 : 3])


def now(slow: str) -> None:
    """Let alice, who has just signed in, use applications one of which is slow, and one of which can't be told."""
    from oidc_session.models import ClientLogoutSettings, OPSession

    own = OPSession.objects.live().filter(user=person("alice")).latest("pk")
    OPSession.objects.filter(address="127.0.0.1").update(address="203.0.113.17")
    joined(own, [application("wiki", "Wiki"), application("time-sheets", "Time sheets")])
    for name in ("frontchannel_logout_uri", "backchannel_logout_uri"):
        ClientLogoutSettings.objects.filter(application__client_id="wiki").update(**{name: slow})


def application(client_id: str, name: str) -> Any:
    from oauth2_provider.models import get_application_model

    from oidc_session.models import ClientLogoutSettings

    model = get_application_model()
    facts = {
        "name": name,
        "client_type": model.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": model.GRANT_AUTHORIZATION_CODE,
        "algorithm": model.RS256_ALGORITHM,
        "redirect_uris": f"https://{client_id}.example/callback/",
    }
    found, is_new = model.objects.get_or_create(client_id=client_id, defaults=facts)
    if is_new and client_id != "time-sheets":
        uri = f"https://{client_id}.example/backchannel-logout/"
        ClientLogoutSettings.objects.create(application=found, backchannel_logout_uri=uri)
    return found


def person(name: str) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get_or_create(username=name)[0]


def session(user: Any, agent: str, address: str, hours: float) -> Any:
    from oidc_session.models import OPSession

    begun = timezone.now() - timedelta(hours=hours)
    return OPSession.objects.create(
        user=user,
        user_agent=agent,
        address=address,
        auth_time=begun,
        started_at=begun,
        last_activity=begun + timedelta(hours=hours * 0.9),
        expires_at=begun + timedelta(days=14),
    )


def joined(op_session: Any, applications: list[Any]) -> list[Any]:
    from oidc_session.models import RPSession

    return [
        RPSession.objects.create(
            op_session=op_session,
            application=one,
            joined_at=op_session.started_at + timedelta(minutes=7 * number),
            iss=ISSUER,
            sub=str(op_session.user_id),
        )
        for number, one in enumerate(applications)
    ]


def ended(op_session: Any, applications: list[Any], reason: str, hours: float) -> None:
    """End a session so many hours ago, with what each application had to say."""
    from oidc_session.models import OPSession

    at = timezone.now() - timedelta(hours=hours)
    OPSession.objects.filter(pk=op_session.pk).update(ended_at=at, end_reason=reason, last_activity=at)
    for rp_session in joined(op_session, applications):
        notice(rp_session, at)


def notice(rp_session: Any, at: Any) -> None:
    from oidc_session.models import LogoutNotice

    becomes = {
        "calendar": {"state": "delivered", "last_status": 204, "attempts": 2, "closed_at": at},
        "time-sheets": {"state": "untold", "channel": "none", "problem": "no_uri", "closed_at": at},
        "tickets": {"state": "failed", "last_status": 400, "problem": "answer", "attempts": 1, "closed_at": at},
    }
    known = {"state": "delivered", "channel": "backchannel", "last_status": 200, "attempts": 1, "closed_at": at}
    client_id = rp_session.application.client_id
    facts = {"iss": ISSUER, "sub": rp_session.sub, "sid": rp_session.sid, "created_at": at}
    tried = {} if client_id == "time-sheets" else {"last_attempt_at": at + timedelta(seconds=1)}
    if client_id == "time-sheets":
        known |= {"last_status": None, "attempts": 0}
    LogoutNotice.objects.create(
        rp_session=rp_session,
        application=rp_session.application,
        client_id=client_id,
        **(facts | known | becomes.get(client_id, {}) | tried),
    )


def order() -> None:
    """Let an administrator have ordered that everybody be signed out, and somebody be at it for an hour."""
    from oidc_session.models import ApplicationLogout, LogoutNotice

    begun, left = timezone.now(), application("tickets", "Tickets")
    ApplicationLogout.objects.create(
        application=left,
        ordered_by=person("admin"),
        ordered_at=begun - timedelta(seconds=8),
        total=1_480,
        ended=800,
        lease_ends=begun + timedelta(hours=1),
    )
    for state, number in {"delivered": 757, "pending": 41, "failed": 2}.items():
        facts = {"application": left, "client_id": "tickets", "channel": "backchannel", "state": state, "sid": "x"}
        LogoutNotice.objects.bulk_create(LogoutNotice(**facts, closed_at=begun) for _ in range(number))


if __name__ == "__main__":
    django.setup()
    {"past": past, "now": now, "order": order}[sys.argv[1]](*sys.argv[2:])
