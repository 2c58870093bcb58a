from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from oidc_session.rp.visit import Visit, visitor_of


def application(request: HttpRequest) -> dict[str, Any]:
    """For every template: which application this is."""
    return {"application": settings.RP_NAME, "colour": settings.RP_COLOUR}


def person(request: HttpRequest) -> dict[str, Any]:
    """For every template: who is signed in, false where nobody is; found out where a template asks."""
    visit = visitor_of(request)
    return {"person": SimpleLazyObject(lambda: facts(visit) if visit.is_active else {})}


def facts(visit: Visit) -> dict[str, Any]:
    claims = visit.claims
    return {
        "sub": visit.sub,
        "name": claims.get("name") or claims.get("preferred_username") or visit.sub,
        "email": claims.get("email", ""),
        "groups": visit.groups,
        "times": {name: datetime.fromtimestamp(seconds, UTC) for name, seconds in times(visit).items()},
    }


def times(visit: Visit) -> dict[str, float]:
    """Seconds since 1970: those of the ID token by their claims, and when the access token ends."""
    return {name: visit.claims[name] for name in ("auth_time", "iat", "exp") if name in visit.claims} | {
        "access_token_ends": visit.expires_at or 0
    }
