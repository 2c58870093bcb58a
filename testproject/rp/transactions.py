"""Logins under way: one cookie each, so that several tabs can sign in at once."""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from testproject.rp.exceptions import LoginFailed

MINUTES_30 = 30 * 60
SALT = "testproject.rp.transactions."


@dataclass(frozen=True)
class Transaction:
    """What has to be known again when the provider sends the browser back."""

    return_to: str = "/"
    silent: bool = False
    sub: str | None = None  # Who was signed in here when it began.
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    code_verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def code_challenge(self) -> str:
        """The S256 of RFC 7636, "Client Creates the Code Challenge"."""
        digest = hashlib.sha256(self.code_verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def begin(response: HttpResponse, transaction: Transaction) -> None:
    name = cookie_name(transaction.state)
    response.set_cookie(
        name,
        signing.dumps(asdict(transaction), salt=SALT + name),
        max_age=MINUTES_30,
        path=reverse("oidc-callback"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def find(request: HttpRequest) -> Transaction:
    name = cookie_name(request.GET.get("state", ""))
    try:
        kept = signing.loads(request.COOKIES.get(name, ""), salt=SALT + name, max_age=MINUTES_30)
    except signing.BadSignature as error:
        raise LoginFailed("This login is not under way in this browser, or it took too long.") from error
    return Transaction(**kept)


def end(response: HttpResponse, transaction: Transaction) -> None:
    response.delete_cookie(cookie_name(transaction.state), path=reverse("oidc-callback"))


def cookie_name(state: str) -> str:
    return f"rp_login_{state}"
