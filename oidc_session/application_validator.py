"""The application of a request, read once: DOT's validator, asked twice by a view, reads it each time."""

from typing import TYPE_CHECKING, Any

from oauthlib.common import Request

from oidc_session.authentication_request import READ_APPLICATION, ReadApplication

if TYPE_CHECKING:
    from oauth2_provider.oauth2_validators import OAuth2Validator as Base
else:
    Base = object


class ApplicationValidatorMixin(Base):
    def _load_application(self, client_id: str, request: Request) -> Any:
        """As DOT, which checks an application that it finds here as it does one that it reads."""
        read = request.headers.get(READ_APPLICATION) or ReadApplication()
        request.client = request.client or read.application
        read.application = super()._load_application(client_id, request)
        return read.application
