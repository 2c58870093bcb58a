"""A request of OpenID Connect RP-Initiated Logout 1.0, "RP-Initiated Logout", and what of it holds."""

import logging
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest
from oauth2_provider.exceptions import OIDCError
from oauth2_provider.models import AbstractApplication, get_application_model
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request

from oidc_session import shown_session
from oidc_session.authentication_request import CONSENT_FIELDS
from oidc_session.id_token_hint import claimed_audience, claimed_sid, claims_of, is_expired
from oidc_session.models import OPSession, RPSession

logger = logging.getLogger(__name__)


class Answer(StrEnum):
    """What the person says to the question of what to sign out of."""

    STAY = ""
    APPLICATION = "application"
    BROWSER = "browser"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True)
class Hint:
    """What a valid id_token_hint says: which application asks, and about whose session."""

    application: AbstractApplication
    subject: str
    has_sid: bool
    op_session: OPSession | None

    def is_about(self, request: HttpRequest) -> bool:
        """Whether this is the browser's own session; of an ID token without `sid`, whether it is the same person."""
        if not self.has_sid:
            return self.subject == _subject_of(request, self.application)
        return self.op_session is not None and self.op_session == shown_session.of_django_session(request.session)


class Parameter(forms.Field):
    """A parameter as it was sent, to the byte: forms.CharField would strip it."""

    widget = forms.HiddenInput


class LogoutRequestForm(forms.Form):
    """The parameters of the request and the person's answer; `hint`, `application` and the rest as far as they hold."""

    id_token_hint = Parameter(required=False)
    logout_hint = Parameter(required=False)
    client_id = Parameter(required=False)
    post_logout_redirect_uri = Parameter(required=False)
    state = Parameter(required=False)
    ui_locales = Parameter(required=False)
    allow = forms.CharField(required=False)

    def __init__(
        self, request: HttpRequest, validate_redirect_uri: Callable[[AbstractApplication, str], None], **kwargs: Any
    ) -> None:
        self.request = request
        self.validate_redirect_uri = validate_redirect_uri
        sent = {name: request.GET.get(name) or request.POST.get(name) or "" for name in self.base_fields}
        super().__init__(data=sent | {"allow": request.POST.get("allow")}, **kwargs)

    def clean(self) -> dict[str, Any]:
        sent = self.cleaned_data
        joined = find_rp_session(sent["id_token_hint"])
        application = find_application(sent["client_id"], sent["id_token_hint"], joined)
        hint = verify_hint(sent["id_token_hint"], application, joined, self.request)
        if sent["id_token_hint"] and hint is None:
            logger.info("id_token_hint refused client_id=%s", application and application.client_id)
            application = None
        uri = self._registered(sent["post_logout_redirect_uri"], application)
        return sent | {"hint": hint, "application": application, "post_logout_redirect_uri": uri}

    def clean_allow(self) -> Answer:
        """Return what was answered; a page that knows yes and no alone means this browser by yes."""
        said = self.cleaned_data["allow"]
        if said.lower() in ("false", "0"):
            return Answer.STAY
        return Answer(said) if said in list(Answer) else Answer.BROWSER

    def query(self) -> str:
        """Return the request as far as it holds, without a hint: with it, the question might not be asked again."""
        application = self.cleaned_data["application"]
        named = self.cleaned_data | {"client_id": application.client_id if application else ""}
        kept = ("client_id", "post_logout_redirect_uri", "state", "ui_locales")
        return urlencode({name: named[name] for name in kept if named[name]})

    def _registered(self, uri: str, application: AbstractApplication | None) -> str:
        """Return a redirect URI of the application's, and nothing for anything else."""
        if not uri or application is None:
            return ""
        if self._is_registered(uri, application):
            return uri
        logger.info("post_logout_redirect_uri refused client_id=%s", application.client_id)
        return ""

    def _is_registered(self, uri: str, application: AbstractApplication) -> bool:
        if any(character <= " " or character in "\\\x7f" for character in uri):
            return False  # Python's urlsplit() overlooks some of these, and browsers others.
        try:
            self.validate_redirect_uri(application, uri)
        except (OIDCError, ValueError):
            return False
        return True


def is_answer(request: HttpRequest) -> bool:
    """Whether the person posts an answer to our question, and not a client a logout request."""
    return settings.CSRF_HEADER_NAME in request.META or not request.POST.keys().isdisjoint(CONSENT_FIELDS)


def find_rp_session(id_token_hint: str) -> RPSession | None:
    """Return the live RP session that a hint claims to be about, with its application: one query for both."""
    sid = claimed_sid(id_token_hint)
    live = RPSession.objects.filter(sid=sid, ended_at=None).select_related("op_session", "application")
    return live.first() if sid else None


def find_application(client_id: str, id_token_hint: str, joined: RPSession | None) -> AbstractApplication | None:
    """Return the client that a request says it comes from; its parameters must not name two."""
    names = {client_id} if client_id else set()
    if id_token_hint:
        audience = set(claimed_audience(id_token_hint))
        names = audience & names if client_id else audience
    if joined and joined.application.client_id in names:
        return joined.application
    printable = [name for name in names if name.isprintable()]  # No database takes all the others.
    application: AbstractApplication | None = get_application_model().objects.filter(client_id__in=printable).first()
    return application


def verify_hint(
    id_token_hint: str, application: AbstractApplication | None, joined: RPSession | None, request: HttpRequest
) -> Hint | None:
    """Return what a hint says, which was claimed until now; None where the application's key didn't sign it."""
    if not id_token_hint or application is None:
        return None
    issuer = oauth2_settings.OAUTH2_VALIDATOR_CLASS().get_oidc_issuer_endpoint(request)
    claims = claims_of(id_token_hint, application, issuer)
    if claims is None:
        return None
    if is_expired(claims) and not oauth2_settings.OIDC_RP_INITIATED_LOGOUT_ACCEPT_EXPIRED_TOKENS:
        return None
    is_its_own = joined is not None and joined.application == application and joined.sid == claims.get("sid")
    return Hint(application, claims["sub"], "sid" in claims, joined.op_session if joined and is_its_own else None)


def with_state(redirect_uri: str, state: str) -> str:
    """Add the state to a redirect URI, the rest of which stays as it was registered."""
    if state:
        separator = "&" if "?" in redirect_uri else "?"
        redirect_uri = f"{redirect_uri}{separator}state={quote(state, safe='')}"
    return quote(redirect_uri, safe=string.punctuation)


def _subject_of(request: HttpRequest, application: AbstractApplication) -> str:
    """Return the `sub` that the application knows the signed-in person by."""
    token_request = Request("")
    token_request.user, token_request.client, token_request.scopes = request.user, application, ["openid"]
    return str(oauth2_settings.OAUTH2_VALIDATOR_CLASS().get_oidc_claims(None, None, token_request)["sub"])
