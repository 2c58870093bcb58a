"""The session behind every code and token: `sid` and `auth_time` in ID tokens, and an end to all of it.

OpenID Connect Core 1.0, "ID Token"; OpenID Connect Back-Channel Logout 1.0, "Logout Token", for `sid`.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
    get_device_grant_model,
)
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, LoginRequired

from oidc_session import codes, credentials, lifetimes, rp_sessions, sessions
from oidc_session.authentication_request import OP_SESSION
from oidc_session.conf import conf
from oidc_session.credentials import Kind
from oidc_session.models import Credential, RPSession

if TYPE_CHECKING:
    from oauth2_provider.oauth2_validators import OAuth2Validator as Base
else:
    Base = object


class CredentialValidatorMixin(Base):
    """Tie what is handed out to the RP session, and refuse what comes back after its end."""

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        valid = super().validate_code(client_id, code, client, request, *args, **kwargs)
        if not (valid and conf.SESSIONS_ENABLED):
            return valid
        if (tie := codes.take_tie(request)) is None:
            return self._is_good(request, None)
        credential = codes.find(tie, client)
        return credential is not None and self._is_good(request, credential)

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        valid = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        if not (valid and conf.SESSIONS_ENABLED):
            return valid
        family = request.refresh_token_instance.token_family
        return self._is_good(request, credentials.find(family, Kind.TOKEN_FAMILY, Kind.OUTLIVING_TOKEN_FAMILY))

    def get_rp_session(self, request: Request) -> RPSession | None:
        """Return the RP session of an authorization or token request; None for clients that don't ask for openid."""
        if "rp_session" not in vars(request):  # Not by attribute: that would find a parameter of this name.
            request.rp_session = self._joined(request)
        rp_session: RPSession | None = vars(request)["rp_session"]
        return rp_session

    def get_id_token_dictionary(
        self, token: Any, token_handler: Any, request: Request
    ) -> tuple[dict[str, Any], datetime]:
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        if rp_session := self.get_rp_session(request):
            claims["sid"] = rp_session.sid
            claims["auth_time"] = int(rp_session.op_session.auth_time.timestamp())
            self._remember_subject(request, rp_session, claims)
        return claims, expires

    def _remember_subject(self, request: Request, rp_session: RPSession, claims: dict[str, Any]) -> None:
        if OP_SESSION not in request.headers:  # The token endpoint has locked the session, and seen that it is live.
            rp_sessions.remember_subject(rp_session, claims["iss"], claims["sub"])
        elif not rp_sessions.remember_subject_unless_ended(rp_session, claims["iss"], claims["sub"]):
            raise LoginRequired(request=request)

    def _joined(self, request: Request) -> RPSession | None:
        if not conf.SESSIONS_ENABLED or "openid" not in (request.scopes or []):
            return None
        if request.grant_type == credentials.DEVICE_GRANT:
            return self._approved(request)
        op_session = request.headers.get(OP_SESSION)
        issuer = partial(self.get_oidc_issuer_endpoint, request)
        return rp_sessions.join(op_session, request.client, issuer) if op_session else None

    def _approved(self, request: Request) -> RPSession | None:
        """Return the RP session of the browser in which a device was approved."""
        devices = get_device_grant_model().objects.filter(device_code=request.device_code)
        device = devices.values_list("pk", flat=True).first()
        if not self._is_good(request, credentials.find(device, Kind.DEVICE_CODE)):
            raise InvalidGrantError(request=request)
        rp_session: RPSession | None = request.rp_session
        return rp_session

    def _is_good(self, request: Request, credential: Credential | None) -> bool:
        """Take the session over from what a client presents; what is older than this app has none."""
        request.rp_session = credential.rp_session if credential else None
        if credential is None:
            return request.user.is_active
        session = credential.rp_session.op_session
        if session.is_live and lifetimes.is_over(session):
            sessions.end_if_expired(session)
            session.refresh_from_db(fields=["ended_at"])
        request.session_ends_at = lifetimes.ends_at(session) if session.is_live else None
        session.auth_time = credential.auth_time
        return request.user.is_active and credential.is_good

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: Any = None) -> AbstractGrant:
        if not conf.SESSIONS_ENABLED:
            return super()._create_authorization_code(request, code, expires)
        with codes.tied(request, self.get_rp_session(request)):
            return super()._create_authorization_code(request, code, expires)

    def _create_access_token(
        self, expires: datetime, request: Request, token: dict[str, Any], source_refresh_token: Any = None
    ) -> AbstractAccessToken:
        expires = self._within_session(expires, request, token)
        access_token = super()._create_access_token(expires, request, token, source_refresh_token)
        if "refresh_token" not in token:  # With one, its family leads here.
            self._attach(request, Kind.ACCESS_TOKEN, access_token.pk)
        return access_token

    def _within_session(self, expires: datetime, request: Request, token: dict[str, Any]) -> datetime:
        """Let an access token end no later than its session does by the project's policy."""
        rp_session = self.get_rp_session(request) if lifetimes.is_on() else None
        if rp_session is None:
            return expires
        session = rp_session.op_session
        ends = vars(request)["session_ends_at"] if "session_ends_at" in vars(request) else lifetimes.ends_at(session)
        if ends is None or ends >= expires:
            return expires
        token["expires_in"] = max(0, int((ends - timezone.now()).total_seconds()))
        return ends

    def _create_refresh_token(
        self, request: Request, code: str, access_token: AbstractAccessToken, previous: AbstractRefreshToken | None
    ) -> AbstractRefreshToken:
        refresh_token = super()._create_refresh_token(request, code, access_token, previous)
        if previous is None and (rp_session := self.get_rp_session(request)):
            credentials.attach_family(rp_session, refresh_token.token_family, access_token.scope.split())
        return refresh_token

    def _save_id_token(
        self, jti: str, request: Request, expires: datetime, *args: Any, **kwargs: Any
    ) -> AbstractIDToken:
        id_token = super()._save_id_token(jti, request, expires, *args, **kwargs)
        if OP_SESSION in request.headers:  # Of the authorization endpoint; elsewhere the access token leads here.
            self._attach(request, Kind.ID_TOKEN, id_token.pk)
        return id_token

    def _attach(self, request: Request, kind: Kind, key: object) -> None:
        if rp_session := self.get_rp_session(request):
            credentials.attach(rp_session, kind, key)
