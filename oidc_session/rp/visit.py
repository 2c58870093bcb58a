"""What a request knows of its person: `request.oidc`."""

import time
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.functional import cached_property

from oidc_session.rp import cookies
from oidc_session.rp.conf import Provider, conf, default_provider_name, provider_named
from oidc_session.rp.refresh import Outcome, Result, refresh
from oidc_session.rp.session import Expiry, Session, State
from oidc_session.rp.stores import store

MIDDLEWARE = "oidc_session.rp.middleware.RelyingPartyMiddleware"
ANONYMOUS = "anonymous"
EXPOSABLE = ("access_token", "id_token")
AHEAD_AT_MOST = 0.25  # Of an access token's lifetime.
NOTE_AFTER = 0.02  # Of the idle lifetime: when a session was last used is not written with every request.


class Visit:
    """The session of a request's person at one provider; read from the store at first use, and refreshed where due."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        self.request = request
        self.name = name
        self.was_used = False
        self.counts_as_use = True
        self.refreshes_when_due = True
        self.outcome: Outcome | None = None

    @cached_property
    def provider(self) -> Provider:
        return provider_named(self.name)

    @property
    def session(self) -> Session | None:
        """The session, active or expired; None for somebody anonymous."""
        self.was_used = True
        return self._session

    @cached_property
    def _session(self) -> Session | None:
        key = cookies.session_key(self.request, self.name)
        found = store().get(key) if key else None
        if found is None or found.state == State.GONE or found.iss != self.provider.issuer:
            return None
        if found.state == State.ACTIVE:
            self._note_use(found)
            found = self._fresh(found)
        return found

    @property
    def state(self) -> str:
        """anonymous, active or expired."""
        if self.session is None:
            return ANONYMOUS
        return State.EXPIRED if self.expiry else State.ACTIVE

    @property
    def expiry(self) -> Expiry | None:
        """Why the session has expired; None where it is active, or there is none."""
        session = self.session
        if session is None:
            return None
        return session.expiry or (None if session.access_is_live else Expiry.UNAVAILABLE)

    @property
    def is_active(self) -> bool:
        return self.state == State.ACTIVE

    @property
    def is_restricted(self) -> bool:
        """Whether the provider no longer says who this is, to us."""
        return self.session is not None and self.session.restricted

    @property
    def sub(self) -> str | None:
        return self.session.sub if self.session else None

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of an active session's person; none of anybody else."""
        return dict(self.session.claims) if self.session and self.is_active else {}

    @property
    def claims_are_stale(self) -> bool:
        return self.session is not None and self.session.claims_stale

    @property
    def groups(self) -> list[str]:
        """The groups of an active session's person; none of anybody else."""
        return list(self.session.groups) if self.session and self.is_active else []

    @property
    def expires_at(self) -> float | None:
        """When the access token expires, in seconds since 1970."""
        return self.session.expires_at if self.session else None

    @property
    def session_state(self) -> str:
        return self.session.session_state if self.session else ""

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens of an active session that `expose_tokens` names; never the refresh token."""
        if not self.session or not self.is_active:
            return {}
        return {name: getattr(self.session, name) for name in EXPOSABLE if name in self.provider.expose_tokens}

    def has_group(self, *groups: str) -> bool:
        """Whether the person is in one of these groups."""
        return not self.is_restricted and not set(groups).isdisjoint(self.groups)

    def refresh(self) -> Result:
        """Ask the provider for new tokens now; see Outcome."""
        if "_session" not in vars(self):
            self.refreshes_when_due = False  # Once is enough.
        session = self.session
        if session is None:
            return Result(self.outcome or Outcome.GONE, None)
        return self._take(refresh(session))

    def look(self) -> Session | None:
        """Return the session as the store has it, without any effect on it."""
        self.counts_as_use = self.refreshes_when_due = False
        return self.session

    def forget(self) -> Session | None:
        """End the session here, and return what it was."""
        session = self.look()
        if session:
            store().remove(session.key)
            self._session = None
        return session

    async def aload(self) -> "Visit":
        """Read the session, so that what follows reads memory."""
        await sync_to_async(lambda: self.session)()
        return self

    async def arefresh(self) -> Result:
        """See refresh()."""
        return await sync_to_async(self.refresh)()

    def _note_use(self, session: Session) -> None:
        now = time.time()
        if self.counts_as_use and now - session.used_at >= conf.idle_lifetime * NOTE_AFTER:
            store().touch(session.key, now)

    def _fresh(self, session: Session) -> Session | None:
        """Refresh a session ahead of its expiry, or after it, unless a while has to pass."""
        if not self.refreshes_when_due or time.time() < session.retry_at or not _is_due(session):
            return session
        return self._take(refresh(session, wait=not session.access_is_live)).session

    def _take(self, result: Result) -> Result:
        self.outcome = result.outcome
        self._session = result.session
        return result


def _is_due(session: Session) -> bool:
    if not session.access_is_live:
        return True
    ahead = min(conf.refresh_ahead, (session.expires_at - session.refreshed_at) * AHEAD_AT_MOST)
    return bool(session.refresh_token) and time.time() >= session.expires_at - ahead


class Visitor(Visit):
    """`request.oidc`: the visit at the default provider, and those at the others by name."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, default_provider_name())
        self._others: dict[str, Visit] = {}

    def __getitem__(self, name: str) -> Visit:
        """Return the visit at a provider; raise UnknownProvider."""
        provider_named(name)
        return self if name == self.name else self._others.setdefault(name, Visit(self.request, name))

    @property
    def any_was_used(self) -> bool:
        return any(visit.was_used for visit in (self, *self._others.values()))


def visitor_of(request: HttpRequest) -> Visitor:
    """Return `request.oidc`; raise ImproperlyConfigured where no middleware has set it."""
    visitor = getattr(request, "oidc", None)
    if not isinstance(visitor, Visitor):
        raise ImproperlyConfigured(f"MIDDLEWARE must contain {MIDDLEWARE}.")
    return visitor
