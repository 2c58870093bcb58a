"""What was handed out in an RP session: found by it when it ends, and finding it when it is presented."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from django.db import connections, router
from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.models import (
    get_access_token_model,
    get_device_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from oidc_session.models import Credential, RPSession

Kind = Credential.Kind
IDTokens: TypeAlias = dict[object, object]
"""The keys of access tokens, each with that of its ID token, None where it has none."""

OFFLINE_ACCESS = "offline_access"
FAMILIES = (Kind.TOKEN_FAMILY, Kind.OUTLIVING_TOKEN_FAMILY)
MODELS: dict[Kind, Callable[[], Any]] = {
    Kind.ACCESS_TOKEN: get_access_token_model,
    Kind.ID_TOKEN: get_id_token_model,
    Kind.DEVICE_CODE: get_device_grant_model,
    Kind.TOKEN_FAMILY: get_refresh_token_model,
    Kind.OUTLIVING_TOKEN_FAMILY: get_refresh_token_model,
}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def attach(rp_session: RPSession, kind: Kind, key: object) -> None:
    """Tie a device code, a token or a family of tokens to the session it is handed out in."""
    auth_time = rp_session.op_session.auth_time
    Credential.objects.create(rp_session=rp_session, kind=kind, key=str(key), auth_time=auth_time)


def attach_family(rp_session: RPSession, family: object, scopes: Iterable[str]) -> None:
    attach(rp_session, Kind.OUTLIVING_TOKEN_FAMILY if OFFLINE_ACCESS in scopes else Kind.TOKEN_FAMILY, family)


def find(key: object, *kinds: Kind) -> Credential | None:
    """Return what was handed out, with its RP session and OP session; None for what is older than this app.

    Within a transaction its sessions are locked: they do not end before what is handed out now is written.
    """
    found = Credential.objects.filter(kind__in=kinds, key=str(key))
    found = found.select_related("rp_session__op_session", "rp_session__application")
    if connections[found.db].in_atomic_block:
        found = found.select_for_update(of=("rp_session", "rp_session__op_session"))
    return found.first()


def revoke(handed_out: QuerySet[Credential]) -> None:
    """Revoke what was handed out in a session that ends; refresh tokens granted with offline_access live on."""
    keys = _keys_by_kind(handed_out)
    devices = _rows(get_device_grant_model()).filter(pk__in=keys[Kind.DEVICE_CODE])
    devices.update(status=get_device_grant_model().DENIED)
    _expire_access_of_families(keys[Kind.OUTLIVING_TOKEN_FAMILY])
    access_tokens = _revoke_families(keys[Kind.TOKEN_FAMILY]) | _id_tokens_of(keys[Kind.ACCESS_TOKEN])
    _delete_tokens(access_tokens, keys[Kind.ID_TOKEN])


def revoke_application(user: Any, application: Any) -> None:
    """Revoke the tokens that an application holds of a person, in every session."""
    refresh_tokens = _rows(get_refresh_token_model()).filter(user=user, application=application, revoked=None)
    refresh_tokens.update(revoked=timezone.now(), access_token=None)
    tokens = _rows(get_access_token_model()).filter(user=user, application=application)
    _delete_tokens(dict(tokens.values_list("pk", "id_token")), [])


def let_go(handed_out: QuerySet[Credential]) -> None:
    """Let the tokens of a session outlive it."""
    handed_out.filter(kind=Kind.TOKEN_FAMILY).update(kind=Kind.OUTLIVING_TOKEN_FAMILY)


def outlived(sessions: Iterable[Any]) -> set[Any]:
    """Return which of these OP sessions have handed out refresh tokens that are not revoked."""
    tied = Credential.objects.filter(kind__in=FAMILIES)
    families = dict(tied.filter(rp_session__op_session__in=sessions).values_list("key", "rp_session__op_session"))
    good = _rows(get_refresh_token_model()).filter(token_family__in=list(families), revoked=None)
    return {families[str(family)] for family in good.values_list("token_family", flat=True)}


def without_object(keys: Iterable[Any]) -> list[Any]:
    """Return which of these credentials are tied to a device code or a token that is not there any more."""
    tied = Credential.objects.filter(pk__in=keys)
    objects = {(kind, key): pk for pk, kind, key in tied.values_list("pk", "kind", "key")}
    there = {(kind, key) for kind in MODELS for key in _there(kind, [key for of, key in objects if of == kind])}
    return [pk for tie, pk in objects.items() if tie not in there]


def _there(kind: Kind, keys: list[str]) -> set[str]:
    field = "token_family" if kind in FAMILIES else "pk"
    found = _rows(MODELS[kind]()).filter(**{f"{field}__in": keys})  # No query for no keys.
    return set(map(str, found.values_list(field, flat=True)))


def _keys_by_kind(handed_out: QuerySet[Credential]) -> dict[str, list[str]]:
    keys = defaultdict(list)
    for kind, key in handed_out.values_list("kind", "key"):
        keys[kind].append(key)
    return keys


def _expire_access_of_families(families: list[str]) -> None:
    """End the access tokens of refresh tokens that live on: DOT takes a refresh token without one for an orphan."""
    tokens = _rows(get_access_token_model()).filter(refresh_token__token_family__in=families)
    tokens.update(expires=timezone.now())


def _revoke_families(families: list[str]) -> IDTokens:
    """Revoke refresh tokens, and return the access tokens that went with them."""
    refresh_tokens = _rows(get_refresh_token_model()).filter(token_family__in=families, revoked=None)
    access_tokens = dict(
        refresh_tokens.exclude(access_token=None).values_list("access_token", "access_token__id_token")
    )
    refresh_tokens.update(revoked=timezone.now(), access_token=None)
    return access_tokens


def _id_tokens_of(access_tokens: list[str]) -> IDTokens:
    found = _rows(get_access_token_model()).filter(pk__in=access_tokens)  # No query for no keys.
    return dict(found.values_list("pk", "id_token"))


def _delete_tokens(access_tokens: IDTokens, id_tokens: Iterable[object]) -> None:
    """Delete tokens, without reading more of them than their keys: an access token goes with its ID token."""
    alone = [pk for pk, id_token in access_tokens.items() if id_token is None]
    with_them = [id_token for id_token in access_tokens.values() if id_token is not None]
    _rows(get_access_token_model()).filter(pk__in=alone).only("pk").delete()
    _rows(get_id_token_model()).filter(pk__in=[*id_tokens, *with_them]).only("pk").delete()


def _rows(model: Any) -> Any:
    """Return the rows as they are where they are written: a replica might not know of them yet."""
    return model.objects.using(router.db_for_write(model))
