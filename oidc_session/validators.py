"""What DOT's validator gains: OpenID Connect Core 1.0, "Authentication Request", `prompt` and `id_token_hint`."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from oauth2_provider.models import AbstractApplication, get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from oidc_session import authentication_request
from oidc_session.conf import conf
from oidc_session.id_token_hint import claims_of

if TYPE_CHECKING:
    from oauth2_provider.oauth2_validators import OAuth2Validator as Base
else:
    Base = object


class SessionValidatorMixin(Base):
    """Answer requests with `prompt=none`; for a project's own subclass of DOT's OAuth2Validator."""

    def validate_silent_login(self, request: Request) -> bool:
        """Whether somebody is signed in in the browser that asks."""
        if not conf.SESSION_MANAGEMENT_ENABLED:
            return super().validate_silent_login(request)
        request.user = request.headers.get(authentication_request.USER)
        return request.user is not None and request.user.is_authenticated

    def validate_silent_authorization(self, request: Request) -> bool:
        """Whether that person need not be asked for consent."""
        if not conf.SESSION_MANAGEMENT_ENABLED:
            return super().validate_silent_authorization(request)
        application: AbstractApplication = request.client
        return application.skip_authorization or self.has_consented(request.user, application, request.scopes or [])

    def has_consented(self, user: Any, application: AbstractApplication, scopes: list[str]) -> bool:
        """Whether the person allowed the application these scopes: as DOT remembers it, by a live access token."""
        tokens = get_access_token_model().objects.filter(user=user, application=application, expires__gt=timezone.now())
        return any(token.allow_scopes(scopes) for token in tokens)

    def validate_user_match(
        self, id_token_hint: str | None, scopes: list[str], claims: dict[str, Any], request: Request
    ) -> bool:
        """Whether the hint of a request with `prompt=none` names the person who is signed in."""
        silent = "none" in (request.prompt or "")  # A string, or a set of its words.
        if not (conf.SESSION_MANAGEMENT_ENABLED and id_token_hint and silent):
            return super().validate_user_match(id_token_hint, scopes, claims, request)
        hinted = claims_of(id_token_hint, request.client, self.get_oidc_issuer_endpoint(request))
        return hinted is not None and hinted.get("sub") == self.get_oidc_claims(None, None, request)["sub"]

    def validate_response_type(
        self,
        client_id: str,
        response_type: str,
        client: AbstractApplication,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """As DOT, and `code` for hybrid clients too: registration lets a client have both."""
        if conf.SESSION_MANAGEMENT_ENABLED and response_type == "code":
            return client.allows_grant_type(client.GRANT_AUTHORIZATION_CODE, client.GRANT_OPENID_HYBRID)
        return super().validate_response_type(client_id, response_type, client, request, *args, **kwargs)


class SessionOAuth2Validator(SessionValidatorMixin, OAuth2Validator):
    """The value for OAUTH2_PROVIDER["OAUTH2_VALIDATOR_CLASS"]."""
