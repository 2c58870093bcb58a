"""What DOT's smaller views gain, one mixin a view; for a project's own subclasses as much as for ours."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.compat import login_not_required
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings

from oidc_session import (
    check_session_iframe,
    consents,
    credentials,
    rp_sessions,
    sessions,
)
from oidc_session.authentication_response import RESPONSE_MODES
from oidc_session.conf import conf, enabled_channels
from oidc_session.models import OPSession
from oidc_session.signed_out import SignedOutMixin

if TYPE_CHECKING:
    from oauth2_provider.views import TokenView as View  # Or another of DOT's: none of them has types.
else:
    View = object

NOT_TAKEN_OVER = ("Location", "Content-Type", "Content-Length")  # Of Django's answer to a logout.
SESSION_CLAIMS = ("auth_time", "sid")


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class TokenMixin(View):
    """For DOT's TokenView: a session ends before tokens are handed out in it, or with them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not conf.SESSIONS_ENABLED:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic(using=router.db_for_write(OPSession), savepoint=False):
            return super().dispatch(request, *args, **kwargs)


class LiveSessionMixin(View):
    """For DOT's pages behind a login: they don't act for a session that has ended."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if conf.SESSIONS_ENABLED:
            sessions.ensure(request)
        return super().dispatch(request, *args, **kwargs)


class DeviceConfirmMixin(LiveSessionMixin):
    """For DOT's DeviceConfirmView: the device belongs to the session of the browser that approves it."""

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        device = self.get_object()
        response = super().form_valid(form)
        session = sessions.ensure(self.request, device.client_id) if conf.SESSIONS_ENABLED else None
        if session and device.status == device.AUTHORIZED:
            application = get_application_model().objects.get(client_id=device.client_id)
            joined = rp_sessions.join(session, application, partial(oauth2_settings.oidc_issuer, self.request))
            credentials.attach(joined, credentials.Kind.DEVICE_CODE, device.pk)
        return response


class AuthorizedTokenDeleteMixin(LiveSessionMixin):
    """For DOT's AuthorizedTokenDeleteView: who revokes an application's token is asked again next time."""

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        if conf.SESSIONS_ENABLED:
            consents.revoke(self.request.user, self.object.application)
        return super().form_valid(form)


class LogoutMixin(SignedOutMixin, View):
    """For Django's LogoutView: the page after a logout before, or in place of, the one that Django shows."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        session = self.get_browser_session()
        response = super().post(request, *args, **kwargs)
        page = (
            self.get_signed_out_page(session, self.get_next_url(response))
            if response.status_code in (200, 302)
            else None
        )
        if page:
            page.cookies.update(response.cookies)
            for name, value in response.items():
                if name not in NOT_TAKEN_OVER:
                    page.headers.setdefault(name, value)
        return page or response

    def get_next_url(self, response: HttpResponseBase) -> str:
        """Return where Django goes on to; nowhere where that is this view, which answers to POST alone."""
        url = str(getattr(response, "url", ""))
        return "" if url == self.request.path else url


class DiscoveryMixin(View):
    """For DOT's ConnectDiscoveryInfoView and OAuthServerMetadataView."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if conf.SESSIONS_ENABLED and oauth2_settings.OIDC_ENABLED:
            metadata = json.loads(response.content)
            claims = {*metadata.get("claims_supported", ()), *SESSION_CLAIMS}
            metadata.setdefault("prompt_values_supported", ["none", "login"])  # RFC 8414's document has them not.
            metadata |= {"claims_supported": sorted(claims)} | self.get_session_metadata(request)
            response.content = json.dumps(metadata)
        return response

    def get_session_metadata(self, request: HttpRequest) -> dict[str, Any]:
        """Return the members of OpenID Provider Metadata that DOT lacks."""
        metadata: dict[str, Any] = {"response_modes_supported": RESPONSE_MODES}
        if conf.SESSION_MANAGEMENT_ENABLED:
            endpoint = self._get_endpoint_url(request, "check-session-iframe", required=True)
            metadata["check_session_iframe"] = conf.SESSION_IFRAME_ENDPOINT or check_session_iframe.versioned(endpoint)
        for name in enabled_channels():
            metadata |= {f"{name}_logout_supported": True, f"{name}_logout_session_supported": True}
        if oauth2_settings.OIDC_RP_INITIATED_LOGOUT_ENABLED:
            metadata["end_session_endpoint"] = self._get_endpoint_url(request, "rp-initiated-logout", required=True)
        if oauth2_settings.DCR_ENABLED:
            metadata["registration_endpoint"] = self._get_endpoint_url(request, "dcr-register", required=True)
        return metadata
