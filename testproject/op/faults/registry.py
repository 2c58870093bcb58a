"""Every profile by its name, and which one a client has."""

from dataclasses import replace

from django.conf import settings

from testproject.op.faults import callback, groups, id_token, keys, refresh, userinfo
from testproject.op.faults.profile import Profile
from testproject.op.models import Fault

BY_SUBJECT: dict[str, dict[str, Profile]] = {
    "Groups": groups.PROFILES,
    "Tokens and refresh": refresh.PROFILES,
    "Userinfo": userinfo.PROFILES,
    "ID token": id_token.PROFILES,
    "Callback": callback.PROFILES,
    "Keys": keys.PROFILES,
}
PROFILES = {name: profile for profiles in BY_SUBJECT.values() for name, profile in profiles.items()}
NO_FAULT = Profile("everything as it should be")


def profile_of(client_id: str | None) -> Profile:
    fault = Fault.objects.filter(client_id=client_id).first() if settings.DEBUG and client_id else None
    profile = PROFILES.get(fault.profile, NO_FAULT) if fault else NO_FAULT
    return profile if fault is None or fault.seconds is None else replace(profile, seconds=fault.seconds)


def active_profiles() -> list[Profile]:
    return [profile_of(client_id) for client_id in Fault.objects.values_list("client_id", flat=True)]
