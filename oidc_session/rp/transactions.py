"""Logins under way: each is bound to its browser by a cookie of its own, so that several tabs can sign in at once."""

import json
import secrets
import time
from dataclasses import asdict, dataclass, field

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from oidc_session.rp import cookies
from oidc_session.rp.conf import conf
from oidc_session.rp.encryption import seal, unseal
from oidc_session.rp.exceptions import LoginFailed
from oidc_session.rp.handles import mark
from oidc_session.rp.pkce import new_verifier
from oidc_session.rp.stores import store

RANDOM_BYTES = 24


def _random() -> str:
    return secrets.token_urlsafe(RANDOM_BYTES)


@dataclass(frozen=True)
class Transaction:
    """What must be known again when the provider sends the browser back."""

    provider: str
    redirect_uri: str
    next: str
    silent: bool = False
    max_age: int | None = None
    """What was asked for: see reauthentication.longest_ago()."""
    began_at: int = field(default_factory=lambda: int(time.time()))
    state: str = field(default_factory=_random)
    nonce: str = field(default_factory=_random)
    code_verifier: str = field(default_factory=new_verifier, repr=False)


def begin(request: HttpRequest, response: HttpResponseBase, transaction: Transaction) -> None:
    secret = _random()
    key = _key(transaction.state, secret)
    store().begin_login(key, seal(json.dumps(asdict(transaction)), key), conf.login_lifetime)
    cookies.set_login_secret(request, response, transaction.state, secret)


def take(request: HttpRequest, provider: str, state: str) -> Transaction:
    """Return the browser's login, once; raise LoginFailed where there is none, or not any more."""
    key = _key(state, cookies.login_secret(request, state))
    sealed = store().take_login(key)
    found = sealed and unseal(sealed, key)
    if not found:
        raise LoginFailed("This login is not under way in this browser.")
    transaction = Transaction(**json.loads(found))
    if transaction.provider != provider:
        raise LoginFailed("This login is under way at another provider.")
    return transaction


def _key(state: str, secret: str) -> str:
    return mark("login", state, secret)
