"""What DOT's validator gains."""

from typing import Any

from oauth2_provider.models import AbstractApplication
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from oidc_session.application_validator import ApplicationValidatorMixin
from oidc_session.conf import conf
from oidc_session.credential_validator import CredentialValidatorMixin
from oidc_session.silent_validator import SilentValidatorMixin


class SessionValidatorMixin(CredentialValidatorMixin, SilentValidatorMixin, ApplicationValidatorMixin):
    """For a project's own subclass of DOT's OAuth2Validator."""

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
        if conf.SESSIONS_ENABLED and response_type == "code":
            return client.allows_grant_type(client.GRANT_AUTHORIZATION_CODE, client.GRANT_OPENID_HYBRID)
        return super().validate_response_type(client_id, response_type, client, request, *args, **kwargs)


class SessionOAuth2Validator(SessionValidatorMixin, OAuth2Validator):
    """The value for OAUTH2_PROVIDER["OAUTH2_VALIDATOR_CLASS"]."""
