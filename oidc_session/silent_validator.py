"""OpenID Connect Core 1.0, "Authentication Request": `prompt=none`, `max_age` and `id_token_hint`."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from oauth2_provider.models import AbstractApplication, get_access_token_model
from oauthlib.common import Request

from oidc_session import consents
from oidc_session.authentication_request import OP_SESSION, older_than
from oidc_session.conf import conf
from oidc_session.id_token_hint import claims_of
from oidc_session.models import OPSession

if TYPE_CHECKING:
    from oauth2_provider.oauth2_validators import OAuth2Validator as Base
else:
    Base = object


class SilentValidatorMixin(Base):
    """Answer requests with `prompt=none`."""

    def validate_silent_login(self, request: Request) -> bool:
        """Whether somebody is signed in in the browser that asks, and not for longer than `max_age`."""
        if not conf.SESSIONS_ENABLED:
            return super().validate_silent_login(request)
        session: OPSession | None = request.headers.get(OP_SESSION)
        request.user = session.user if session else None
        return session is not None and not older_than(session.auth_time, request.max_age)

    def validate_silent_authorization(self, request: Request) -> bool:
        """Whether that person need not be asked for consent."""
        if not conf.SESSIONS_ENABLED:
            return super().validate_silent_authorization(request)
        application: AbstractApplication = request.client
        return application.skip_authorization or self.has_consented(request.user, application, request.scopes or [])

    def has_consented(self, user: Any, application: AbstractApplication, scopes: list[str]) -> bool:
        """Whether the person allowed the application these scopes, by our memory or by DOT's: a live access token."""
        remembered = consents.covers(user, application, scopes)
        if remembered is not None:
            return remembered
        tokens = get_access_token_model().objects.filter(user=user, application=application, expires__gt=timezone.now())
        return any(token.allow_scopes(scopes) for token in tokens)

    def validate_user_match(
        self, id_token_hint: str | None, scopes: list[str], claims: dict[str, Any], request: Request
    ) -> bool:
        """Whether the hint of a request with `prompt=none` names the person who is signed in."""
        silent = "none" in (request.prompt or "")  # A string, or a set of its words.
        if not (conf.SESSIONS_ENABLED and id_token_hint and silent):
            return super().validate_user_match(id_token_hint, scopes, claims, request)
        hinted = claims_of(id_token_hint, request.client, self.get_oidc_issuer_endpoint(request))
        return hinted is not None and hinted.get("sub") == self.get_oidc_claims(None, None, request)["sub"]
