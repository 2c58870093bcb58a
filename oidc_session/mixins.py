"""What DOT's views gain, one mixin a view; for a project's own subclasses as much as for ours."""

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.compat import login_not_required
from oauth2_provider.models import AbstractApplication
from oauth2_provider.settings import oauth2_settings

from oidc_session import authentication_request, browser_state, check_session_iframe, consent_form
from oidc_session.authentication_request import parameter
from oidc_session.authentication_response import RESPONSE_MODES, AuthenticationResponse, response_mode
from oidc_session.conf import conf
from oidc_session.csrf_check import csrf_check
from oidc_session.default_parameters import name_default_scopes, redirect_uri_of
from oidc_session.form_post import form_post_response
from oidc_session.origins import origin_of
from oidc_session.session_state import new_salt, session_state
from oidc_session.withheld_cookie import session_cookie_withheld

if TYPE_CHECKING:
    from oauth2_provider.views import AuthorizationView as View
else:
    View = object


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class AuthorizationMixin(View):
    """For DOT's AuthorizationView: session_state, response modes, `prompt=none`, and requests by POST."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if conf.SESSION_MANAGEMENT_ENABLED:
            name_default_scopes(request)
            if authentication_request.is_posted(request):
                if session_cookie_withheld(request):
                    return HttpResponseRedirect(authentication_request.url_for_get(request), status=303)
                authentication_request.turn_into_get(request)
            request.META[authentication_request.USER] = request.user
        return csrf_check(super().dispatch)(request, *args, **kwargs)

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        """Return DOT's consent form, which now carries a requested response_mode along."""
        form: forms.Form = super().get_form(form_class)
        if not conf.SESSION_MANAGEMENT_ENABLED:
            return form
        if requested := parameter(self.request, "response_mode"):
            form.fields["response_mode"] = forms.CharField(required=False, initial=requested, widget=forms.HiddenInput)
        return consent_form.keep_white_space(form)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        """Show the consent page, or answer it where the validator has found that the person need not see it."""
        enabled = conf.SESSION_MANAGEMENT_ENABLED and consent_form.is_unanswered(context)
        if enabled and authentication_request.is_silent(self.request):
            form = consent_form.keep_white_space(self.get_form_class()(data=self.get_initial() | {"allow": True}))
            if not form.is_valid():
                return self.error_response(consent_form.refusal(form), context["application"])
            return self.form_valid(form)
        return super().render_to_response(context, **kwargs)

    def redirect(self, redirect_to: str, application: AbstractApplication | None) -> HttpResponse:
        """Send a success or error response to the client: every one passes here."""
        response = super().redirect(redirect_to, application)
        if not (conf.SESSION_MANAGEMENT_ENABLED and authentication_request.is_openid(self.request)):
            return response
        answer = AuthenticationResponse.parse(redirect_to, redirect_uri_of(self.request))
        answer = answer.including(self.get_response_parameters(redirect_to))
        mode = response_mode(parameter(self.request, "response_mode"), parameter(self.request, "response_type"))
        if mode == "form_post":
            return form_post_response(answer)
        response["Location"] = iri_to_uri(answer.location(mode))
        return response

    def get_response_parameters(self, redirect_to: str) -> dict[str, str]:
        """Return what DOT's response lacks: session_state, where there is an origin, and the issuer of errors."""
        parameters = {}
        if oauth2_settings.COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS:
            parameters["iss"] = oauth2_settings.oauth2_authorization_server_issuer(self.request)
        if origin := origin_of(redirect_to):
            client_id, state = parameter(self.request, "client_id"), browser_state.current(self.request)
            parameters["session_state"] = session_state(client_id, origin, state, new_salt())
        return parameters


class DiscoveryMixin(View):
    """For DOT's ConnectDiscoveryInfoView and OAuthServerMetadataView."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if conf.SESSION_MANAGEMENT_ENABLED and oauth2_settings.OIDC_ENABLED:
            response.content = json.dumps(json.loads(response.content) | self.get_session_metadata(request))
        return response

    def get_session_metadata(self, request: HttpRequest) -> dict[str, Any]:
        """Return the members of OpenID Provider Metadata that DOT lacks."""
        endpoint = self._get_endpoint_url(request, "check-session-iframe", required=True)
        metadata: dict[str, Any] = {
            "check_session_iframe": conf.SESSION_IFRAME_ENDPOINT or check_session_iframe.versioned(endpoint),
            "response_modes_supported": RESPONSE_MODES,
        }
        if oauth2_settings.DCR_ENABLED:
            metadata["registration_endpoint"] = self._get_endpoint_url(request, "dcr-register", required=True)
        return metadata
