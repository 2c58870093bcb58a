"""The authorization endpoint: OpenID Connect Core 1.0, "Authorization Endpoint"; Session Management 1.0."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.compat import login_not_required
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.models import AbstractApplication, get_application_model
from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749.errors import LoginRequired

from oidc_session import (
    authentication_request,
    browser_state,
    consent_form,
    consents,
    login_prompt,
    sessions,
)
from oidc_session.authentication_request import OP_SESSION, READ_APPLICATION, ReadApplication, parameter
from oidc_session.authentication_response import AuthenticationResponse, response_mode
from oidc_session.conf import conf
from oidc_session.csrf_check import csrf_check
from oidc_session.default_parameters import name_default_scopes, redirect_uri_of
from oidc_session.form_post import form_post_response
from oidc_session.models import OPSession
from oidc_session.origins import origin_of
from oidc_session.session_state import new_salt, session_state
from oidc_session.withheld_cookie import session_cookie_withheld

if TYPE_CHECKING:
    from oauth2_provider.views import AuthorizationView as View
else:
    View = object


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class AuthorizationMixin(View):
    """For DOT's AuthorizationView: sessions, session_state, response modes, prompts, and requests by POST."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if conf.SESSIONS_ENABLED:
            name_default_scopes(request)
            if authentication_request.is_posted(request):
                if session_cookie_withheld(request):
                    return HttpResponseRedirect(authentication_request.url_for_get(request), status=303)
                authentication_request.turn_into_get(request)
            request.META[READ_APPLICATION] = ReadApplication()
            request.META[OP_SESSION] = sessions.ensure(request, parameter(request, "client_id"))
        return csrf_check(super().dispatch)(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if conf.SESSIONS_ENABLED and not authentication_request.is_silent(request):
            since = login_prompt.login_after(request)
            if since is not None and self.auth_time.timestamp() < since:
                return self.login_required()
            if since is None and authentication_request.older_than(self.auth_time, request.GET.get("max_age")):
                authentication_request.ask_for_login(request)
        return super().get(request, *args, **kwargs)

    @property
    def auth_time(self) -> datetime:
        session: OPSession = self.request.META[OP_SESSION]
        return session.auth_time

    def login_required(self) -> HttpResponseBase:
        """Tell the client that the person came back from the login page without a new login."""
        try:
            _scopes, asked = self.validate_authorization_request(self.request)
            raise OAuthToolkitError(error=LoginRequired(state=asked["state"]), redirect_uri=asked["redirect_uri"])
        except OAuthToolkitError as error:
            return self.error_response(error, application=None)

    def handle_prompt_login(self) -> HttpResponseBase:
        if not conf.SESSIONS_ENABLED:
            return super().handle_prompt_login()
        login_url, back = resolve_url(self.get_login_url()), login_prompt.way_back(self.request)
        if urlsplit(login_url).netloc:
            back = self.request.build_absolute_uri(back)
        return redirect_to_login(back, login_url, self.get_redirect_field_name())

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        """Return DOT's consent form, which now carries a requested response_mode along."""
        form: forms.Form = super().get_form(form_class)
        if not conf.SESSIONS_ENABLED:
            return form
        if requested := parameter(self.request, "response_mode"):
            form.fields["response_mode"] = forms.CharField(required=False, initial=requested, widget=forms.HiddenInput)
        return consent_form.keep_white_space(form)

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        """Remember what the person has allowed on the consent page."""
        response = super().form_valid(form)
        if conf.SESSIONS_ENABLED and authentication_request.is_openid(self.request) and self.has_granted():
            application = get_application_model().objects.get(client_id=form.cleaned_data["client_id"])
            consents.give(self.request.user, application, form.cleaned_data["scope"].split())
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        """Show the consent page, or answer it in the person's place where there is nothing to ask."""
        enabled = conf.SESSIONS_ENABLED and consent_form.is_unanswered(context)
        if enabled and self.has_consent(context):
            form = consent_form.keep_white_space(self.get_form_class()(data=self.get_initial() | {"allow": True}))
            if not form.is_valid():
                return self.error_response(consent_form.refusal(form), context["application"])
            return super().form_valid(form)
        return super().render_to_response(context, **kwargs)

    def has_granted(self) -> bool:
        """Whether DOT, which has answered the consent page by now, has granted something, and not found an error."""
        if not self.success_url:
            return False
        answer = AuthenticationResponse.parse(self.success_url, redirect_uri_of(self.request))
        return "error" not in dict(answer.parameters)

    def has_consent(self, context: dict[str, Any]) -> bool:
        """Whether the person allowed this before; of a silent request the validator has found so by now."""
        if authentication_request.is_silent(self.request):
            return True
        if "consent" in parameter(self.request, "prompt").split():
            return False
        approval = self.request.GET.get("approval_prompt", oauth2_settings.REQUEST_APPROVAL_PROMPT)
        person, application, scopes = self.request.user, context["application"], context["scopes"]
        return approval == "auto" and bool(consents.covers(person, application, scopes))

    def redirect(self, redirect_to: str, application: AbstractApplication | None) -> HttpResponse:
        """Send a success or error response to the client: every one passes here."""
        response = super().redirect(redirect_to, application)
        if not (conf.SESSIONS_ENABLED and authentication_request.is_openid(self.request)):
            return response
        answer = AuthenticationResponse.parse(redirect_to, redirect_uri_of(self.request))
        answer = answer.including(self.get_response_parameters(answer.redirect_uri))
        mode = response_mode(parameter(self.request, "response_mode"), parameter(self.request, "response_type"))
        if mode == "form_post":
            return form_post_response(answer)
        response["Location"] = iri_to_uri(answer.location(mode))
        return response

    def get_response_parameters(self, redirect_uri: str) -> dict[str, str]:
        """Return what DOT's response lacks: session_state, where there is an origin, and the issuer of errors."""
        parameters = {}
        if oauth2_settings.COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS:
            parameters["iss"] = oauth2_settings.oauth2_authorization_server_issuer(self.request)
        if conf.SESSION_MANAGEMENT_ENABLED and (origin := origin_of(redirect_uri)):
            client_id, state = parameter(self.request, "client_id"), browser_state.current(self.request)
            parameters["session_state"] = session_state(client_id, origin, state, new_salt())
        return parameters
