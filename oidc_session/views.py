"""DOT's views, each with our mixin, and the views that DOT has not."""

from typing import Any

from django.contrib.auth import views as auth_views
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.generic import View
from oauth2_provider import views
from oauth2_provider.compat import login_not_required

from oidc_session import check_session_iframe, session_status
from oidc_session.application_form_mixins import ApplicationFormMixin
from oidc_session.authorization_mixin import AuthorizationMixin
from oidc_session.conf import conf
from oidc_session.logout_mixin import RPInitiatedLogoutMixin
from oidc_session.mixins import (
    AuthorizedTokenDeleteMixin,
    DeviceConfirmMixin,
    DiscoveryMixin,
    LiveSessionMixin,
    LogoutMixin,
    TokenMixin,
)
from oidc_session.registration_mixins import RegistrationManagementMixin, RegistrationMixin
from oidc_session.signed_out import SignedOutMixin


class AuthorizationView(AuthorizationMixin, views.AuthorizationView):
    """The authorization endpoint."""


class TokenView(TokenMixin, views.TokenView):
    """The token endpoint."""


class AuthorizedTokenDeleteView(AuthorizedTokenDeleteMixin, views.AuthorizedTokenDeleteView):
    """The page where a person revokes a token of an application."""


class AuthorizedTokensListView(LiveSessionMixin, views.AuthorizedTokensListView):
    """The page where a person sees the tokens of applications."""


class DeviceUserCodeView(LiveSessionMixin, views.DeviceUserCodeView):
    """The page where a person enters the code that a device shows."""


class DeviceConfirmView(DeviceConfirmMixin, views.DeviceConfirmView):
    """The page where a person approves a device."""


class ApplicationRegistration(ApplicationFormMixin, views.ApplicationRegistration):
    """The page where a person registers an application."""


class ApplicationUpdate(ApplicationFormMixin, views.ApplicationUpdate):
    """The page where a person changes an application of theirs."""


class RPInitiatedLogoutView(RPInitiatedLogoutMixin, views.RPInitiatedLogoutView):
    """The logout endpoint of RP-Initiated Logout 1.0."""


class LogoutView(LogoutMixin, auth_views.LogoutView):
    """Django's logout, with the page that tells of the applications; for the URL that a project has for it."""


class ConnectDiscoveryInfoView(DiscoveryMixin, views.ConnectDiscoveryInfoView):
    """The document of OpenID Connect Discovery 1.0."""


class OAuthServerMetadataView(DiscoveryMixin, views.OAuthServerMetadataView):
    """The document of RFC 8414."""


class DynamicClientRegistrationView(RegistrationMixin, views.DynamicClientRegistrationView):
    """The client registration endpoint of RFC 7591."""


class DynamicClientRegistrationManagementView(
    RegistrationManagementMixin, views.DynamicClientRegistrationManagementView
):
    """The client configuration endpoint of RFC 7592."""


@method_decorator([login_not_required, xframe_options_exempt], name="dispatch")
class CheckSessionIframeView(View):
    """The OP iframe."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not conf.SESSION_MANAGEMENT_ENABLED:
            raise Http404
        check_session_iframe.forget_cookies(request)
        return check_session_iframe.iframe_response(request)


@method_decorator(login_not_required, name="dispatch")
class SessionStatusView(View):
    """What the OP iframe asks quietly now and then."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not conf.SESSION_MANAGEMENT_ENABLED:
            raise Http404
        return session_status.status_response(request)


@method_decorator([login_not_required, never_cache], name="dispatch")
class SignedOutView(SignedOutMixin, View):
    """What the page after a logout asks while applications are being told."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if not conf.LOGOUT_NOTICES_ENABLED:
            raise Http404
        return self.get_updated_page(token)
