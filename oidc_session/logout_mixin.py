"""The logout endpoint of OpenID Connect RP-Initiated Logout 1.0.

The hint decides whether to ask, the redirect URI where to go afterwards; neither decides whether to log out.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth import logout
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.compat import login_not_required
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.settings import oauth2_settings

from oidc_session import rp_sessions, sessions, shown_session, tasks
from oidc_session.conf import conf
from oidc_session.csrf_check import csrf_check
from oidc_session.login_prompt import is_too_old, to_login_page
from oidc_session.logout_request import Answer, LogoutRequestForm, is_answer, with_state
from oidc_session.models import EndReason, OPSession, RPSession
from oidc_session.signed_out import SignedOutMixin
from oidc_session.withheld_cookie import session_cookie_withheld

if TYPE_CHECKING:
    from oauth2_provider.views import RPInitiatedLogoutView as View
else:
    View = object

LONGEST_QUERY = 2000  # Characters: servers and proxies take no line of more than 4,000 for granted.


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class RPInitiatedLogoutMixin(SignedOutMixin, View):
    """For DOT's RPInitiatedLogoutView: logs out of one session, and leaves the person's others alone."""

    request: HttpRequest
    logout_request_form_class = LogoutRequestForm
    question_template_name = "oidc_session/logout_question.html"
    denied_template_name = "oidc_session/logout_denied.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if conf.SESSIONS_ENABLED and not is_answer(request):
            return super().dispatch(request, *args, **kwargs)
        return csrf_check(super().dispatch)(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not conf.SESSIONS_ENABLED:
            return super().get(request, *args, **kwargs)
        form = self.get_logout_request()
        return self.ask(form) if self.must_ask(form) else self.log_out(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not conf.SESSIONS_ENABLED:
            return super().post(request, *args, **kwargs)
        if is_answer(request):
            return self.carry_out(self.get_logout_request())
        if session_cookie_withheld(request) and len(query := self.get_query()) <= LONGEST_QUERY:
            return HttpResponseRedirect(f"?{query}", status=303)
        return self.get(request, *args, **kwargs)

    def get_logout_request(self) -> LogoutRequestForm:
        form = self.logout_request_form_class(self.request, self.validate_post_logout_redirect_uri)
        form.full_clean()
        return form

    def get_query(self) -> str:
        """Return a posted request as the query of one by GET."""
        query = self.request.POST.copy()
        query.update(self.request.GET)
        return query.urlencode()

    def get_session_to_end(self, form: LogoutRequestForm) -> OPSession | None:
        """Return the browser's own session; where nobody is signed in, the hint's if it is live."""
        hint = form.cleaned_data["hint"]
        if not self.request.user.is_authenticated and hint and hint.op_session and hint.op_session.is_live:
            return hint.op_session
        return shown_session.of_django_session(self.request.session)

    def must_ask(self, form: LogoutRequestForm) -> bool:
        """Whether the person is to be asked first; where there is nothing to end, there is nothing to ask."""
        signed_in, hint = self.request.user.is_authenticated, form.cleaned_data["hint"]
        if oauth2_settings.OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT:
            return signed_in or self.get_session_to_end(form) is not None
        return signed_in and not (hint and hint.is_about(self.request))

    def get_template_names(self) -> list[str]:
        return [self.question_template_name] if conf.SESSIONS_ENABLED else super().get_template_names()

    def ask(self, form: LogoutRequestForm) -> HttpResponseBase:
        response = self.render_to_response(self.get_context_data(form=form, **self.get_question(form)))
        response["Cache-Control"] = "no-store"
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    def get_question(self, form: LogoutRequestForm) -> dict[str, Any]:
        """Return the context of the question; which applications there are is for the signed-in person alone."""
        application, is_signed_in = form.cleaned_data["application"], self.request.user.is_authenticated
        joined = list(self.get_participants(form)) if is_signed_in else []
        return {
            "person": self.request.user if is_signed_in else None,
            "participants": [one.application for one in joined],
            "may_leave_alone": application in [one.application for one in joined],
        } | ({"application": application} if application else {})

    def get_participants(self, form: LogoutRequestForm) -> QuerySet[RPSession]:
        """Return the applications that are in the session to end."""
        session = self.get_session_to_end(form)
        live = RPSession.objects.filter(op_session=session, ended_at=None) if session else RPSession.objects.none()
        return live.filter(op_session__ended_at=None).select_related("application").order_by("pk")

    def carry_out(self, form: LogoutRequestForm) -> HttpResponseBase:
        match form.cleaned_data["allow"]:
            case Answer.STAY:
                return self.stay(form)
            case Answer.APPLICATION:
                return self.log_out_of_application(form)
            case Answer.EVERYWHERE:
                return self.log_out_everywhere(form)
        return self.log_out(form)

    def log_out_of_application(self, form: LogoutRequestForm) -> HttpResponseBase:
        """End the part of the application that asks; the person stays signed in here, and goes back to it."""
        application, own = form.cleaned_data["application"], self.get_browser_session()
        initiator = self.get_initiator(form)
        for joined in self.get_participants(form).filter(application=application):
            rp_sessions.end(joined, tell=tasks.tell_now)
        if application is None or not form.cleaned_data["post_logout_redirect_uri"]:
            return self.get_signed_out_page(own, "", initiator, left=application) or self.stay(form, left=application)
        return self.go_on(form, own, initiator, left=application)

    def log_out_everywhere(self, form: LogoutRequestForm) -> HttpResponseBase:
        """Log out of all sessions of the person; after a login of long ago they sign in first, and are asked again."""
        if own := sessions.ensure(self.request):
            if is_too_old(own.auth_time):
                return to_login_page(self.request, f"{self.request.path}?{form.query()}")
            sessions.end_all(self.request.user, EndReason.RP_LOGOUT, but=own)
        return self.log_out(form)

    def log_out(self, form: LogoutRequestForm) -> HttpResponseBase:
        own, initiator = self.get_browser_session(), self.get_initiator(form)
        if session := self.get_session_to_end(form):
            revoke_tokens = oauth2_settings.OIDC_RP_INITIATED_LOGOUT_DELETE_TOKENS
            tell = partial(tasks.tell_now, first=getattr(form.cleaned_data["application"], "pk", None))
            is_own = session == shown_session.of_django_session(self.request.session)
            manner = {"revoke_tokens": revoke_tokens, "delete_django_session": not is_own}
            sessions.end(session, EndReason.RP_LOGOUT, tell=tell, **manner)
            if is_own:
                sessions.forget(self.request)
        logout(self.request)
        return self.go_on(form, own, initiator)

    def go_on(
        self, form: LogoutRequestForm, session: OPSession | None, initiator: str, **context: Any
    ) -> HttpResponseBase:
        """Go back to the application; where others are to be told in this browser, by the page that does so."""
        response = self.leave(form)
        next_url = response["Location"] if form.cleaned_data["post_logout_redirect_uri"] else ""
        context |= {"application": form.cleaned_data["application"]}
        return self.get_signed_out_page(session, next_url, initiator, **context) or response

    def get_initiator(self, form: LogoutRequestForm) -> str:
        """Return which application asks, by a hint about this very session: anybody can send a client_id."""
        hint = form.cleaned_data["hint"]
        return str(hint.application.client_id) if hint and hint.is_about(self.request) else ""

    def stay(self, form: LogoutRequestForm, **context: Any) -> HttpResponse:
        context |= {"application": form.cleaned_data["application"]}
        return render(self.request, self.denied_template_name, context)

    def leave(self, form: LogoutRequestForm) -> HttpResponse:
        uri, application = form.cleaned_data["post_logout_redirect_uri"], form.cleaned_data["application"]
        if not uri:
            return HttpResponseRedirect(self.get_home_url())
        response = OAuth2ResponseRedirect(uri, application.get_allowed_schemes())
        response["Location"] = with_state(uri, form.cleaned_data["state"])
        return response
