"""Where the page after a logout hears how the telling of the applications goes on, for a few minutes."""

import time
from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

SALT = "oidc_session.signed_out_address"
HOLDS_FOR = 600  # Seconds: it names the applications of a session to whoever has it.
NEWS_FOR = 60  # What is not done by then takes longer than a person looks at a page.


@dataclass(frozen=True)
class Shown:
    """Whose page it is: a session by its key, who asked for the logout, and which application alone was left."""

    session: int
    initiator: str = ""
    left: str = ""
    since: float = 0

    @property
    def has_news(self) -> bool:
        return time.time() - self.since < NEWS_FOR


def address_of(request: HttpRequest, shown: Shown) -> str:
    """Return the address of a page that begins now; none where a project has not included our URLs."""
    token = signing.dumps([shown.session, shown.initiator, shown.left, time.time()], salt=SALT, compress=True)
    match = request.resolver_match
    try:
        return reverse("oauth2_provider:signed-out", args=[token], current_app=match.namespace if match else None)
    except NoReverseMatch:
        return ""


def read(token: str) -> Shown | None:
    """Return what an address is about, if it is ours and holds."""
    try:
        return Shown(*signing.loads(token, salt=SALT, max_age=HOLDS_FOR))
    except signing.BadSignature:
        return None
