"""What people have typed and not sent yet: kept for its person, page and field, and found by nobody else."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.utils.crypto import salted_hmac

from oidc_session.rp.conf import conf
from oidc_session.rp.encryption import seal, unseal
from oidc_session.rp.handles import mark
from oidc_session.rp.session import Session
from oidc_session.rp.stores import store


@dataclass(frozen=True)
class Draft:
    """What is in a field; its id stays the same until it is submitted, `at` is the browser's time in milliseconds."""

    text: str
    id: str
    at: int


class Kept(StrEnum):
    """What became of a draft."""

    SAVED = "saved"
    SUBMITTED = "submitted"  # It was accepted as a form meanwhile.
    TOO_MANY = "too_many_drafts"


def opaque_person(session: Session) -> str:
    """Return a name for a person that tells a page whether it still is the same one, and nothing else."""
    return salted_hmac("oidc_session.rp.person", _person(session), algorithm="sha256").hexdigest()[:32]


def keep(session: Session, page: str, field: str, draft: Draft) -> Kept:
    """Keep a draft in place of the last one; white space alone takes that away."""
    key = _key(session, page, field)
    if not draft.text.strip():
        store().forget_drafts([key])
        return Kept.SAVED
    text = seal(json.dumps(asdict(draft)), key)
    if not store().keep_draft(key, text, _person(session), conf.draft_lifetime):
        return Kept.TOO_MANY
    if submitted(session, [draft.id]):  # After it was written: whoever submits looks after that for what to forget.
        _forget_same(key, draft.id)
        return Kept.SUBMITTED
    return Kept.SAVED


def drafts_of(session: Session, page: str, fields: Iterable[str]) -> dict[str, Draft]:
    """Return a person's drafts of a page by field."""
    keys = {_key(session, page, field): field for field in fields}
    found = {keys[key]: _opened(key, text) for key, text in store().drafts(list(keys)).items()}
    return {field: draft for field, draft in found.items() if draft}


def submit(session: Session, page: str, ids: dict[str, str]) -> None:
    """Forget the drafts, by field, that have arrived as a form; what was typed elsewhere since stays."""
    for field, draft_id in ids.items():
        store().keep_draft(_submission(session, draft_id), "", "", conf.draft_lifetime)
        _forget_same(_key(session, page, field), draft_id)


def submitted(session: Session, ids: Iterable[str]) -> list[str]:
    """Return which of a person's drafts have arrived as a form."""
    keys = {_submission(session, draft_id): draft_id for draft_id in ids}
    return [keys[key] for key in store().drafts(list(keys))]


def _forget_same(key: str, draft_id: str) -> None:
    draft = _opened(key, store().drafts([key]).get(key, ""))
    if draft and draft.id == draft_id:
        store().forget_drafts([key])


def _opened(key: str, sealed: str) -> Draft | None:
    found = unseal(sealed, key)
    return Draft(**json.loads(found)) if found else None


def _person(session: Session) -> str:
    return mark("drafts", session.provider, session.iss, session.sub)


def _key(session: Session, page: str, field: str) -> str:
    return mark("draft", session.provider, session.iss, session.sub, page, field)


def _submission(session: Session, draft_id: str) -> str:
    return mark("submission", session.provider, session.iss, session.sub, draft_id)
