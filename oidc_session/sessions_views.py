"""The pages where a person sees where they are signed in, and signs out."""

from typing import Any

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import View
from oauth2_provider.compat import login_not_required

from oidc_session import outbox, persons_sessions, rp_sessions, sessions, shown_session, tasks
from oidc_session.conf import conf
from oidc_session.login_prompt import is_too_old, to_login_page
from oidc_session.models import EndReason, OPSession, RPSession
from oidc_session.signed_out import SignedOutMixin

RESULT = "_oidc_sessions_result"
"""Where a Django session keeps what to say on the next page."""


@method_decorator([login_not_required, never_cache], name="dispatch")
class PersonsView(SignedOutMixin, View):
    """For whoever is signed in, as far as the provider's own session goes: others are sent to the login page."""

    op_session: OPSession

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not conf.SESSIONS_ENABLED:
            raise Http404
        shown, live = shown_session.of_browser(request), sessions.ensure(request)
        if live is None:
            return self.handle_nobody(shown)
        self.op_session = live
        response = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    def handle_nobody(self, shown: OPSession | None) -> HttpResponseBase:
        """Answer a browser in which nobody is signed in; it may show a session that has ended."""
        return to_login_page(self.request, self.request.get_full_path())

    def get_list_url(self) -> str:
        match = self.request.resolver_match
        return reverse("oidc_sessions:list", current_app=match.namespace if match else None)


class SessionsView(PersonsView):
    """Where the person is signed in, and was in the last thirty days."""

    template_name = "oidc_session/sessions.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return render(request, self.template_name, self.get_context_data())

    def get_context_data(self) -> dict[str, Any]:
        return {
            "sessions": persons_sessions.live(self.op_session, self.request.GET.get("page")),
            "ended_sessions": persons_sessions.ended(self.op_session),
            "history_days": persons_sessions.HISTORY.days,
            "result": self.request.session.pop(RESULT, ""),
        }


class ActionView(PersonsView):
    """What one button does; whoever comes by its address sees the list."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseRedirect(self.get_list_url())

    def handle_nobody(self, shown: OPSession | None) -> HttpResponseBase:
        """Show a second click what became of the first; others come to the list when they have signed in."""
        if self.request.method == "POST" and shown:
            return self.show_signed_out(shown)
        return to_login_page(self.request, self.get_list_url())

    def sign_out(self) -> HttpResponseBase:
        """Sign out of this browser."""
        sessions.end(self.op_session, EndReason.USER, delete_django_session=False, tell=tasks.tell_now)
        logout(self.request)
        return self.show_signed_out(self.op_session)

    def show_signed_out(self, session: OPSession) -> HttpResponseBase:
        return self.get_signed_out_page(session) or HttpResponseRedirect(self.get_home_url())

    def say(self, result: str) -> HttpResponseBase:
        self.request.session[RESULT] = result
        return HttpResponseRedirect(self.get_list_url())


class EndApplicationView(ActionView):
    """Sign out of one application in one browser."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        theirs = RPSession.objects.using(outbox.database()).select_related("op_session", "application")
        rp_session = get_object_or_404(theirs, pk=pk, op_session__user=request.user)
        if rp_session.op_session.is_live:
            rp_sessions.end(rp_session, tell=tasks.tell_now)
        page = self.get_page_with_frames(rp_session)
        response = self.say(persons_sessions.result_of_leaving(rp_session))
        return page or response

    def get_page_with_frames(self, rp_session: RPSession) -> HttpResponseBase | None:
        """Return the page that tells in this browser an application that left it, where that is how it is told."""
        if rp_session.op_session != self.op_session:
            return None
        return self.get_signed_out_page(self.op_session, self.get_list_url(), left=rp_session.application)


class EndSessionView(ActionView):
    """Sign out of one browser."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        session = get_object_or_404(OPSession.objects.using(outbox.database()), pk=pk, user=request.user)
        if session == self.op_session:
            return self.sign_out()
        sessions.end(session, EndReason.USER, tell=tasks.tell_now)
        return self.say(_("You are signed out of that browser."))


class EverywhereElseView(ActionView):
    """Sign out of all browsers but this one: after a login of late, and a question to whoever comes from that."""

    template_name = "oidc_session/sign_out_everywhere.html"
    also_here = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        needs_login = is_too_old(self.op_session.auth_time)
        asked = {"person": request.user, "also_here": self.also_here, "needs_login": needs_login}
        return render(request, self.template_name, asked)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_too_old(self.op_session.auth_time):
            return to_login_page(request, request.path)
        ended = sessions.end_all(request.user, EndReason.USER, but=self.op_session)
        if self.also_here:
            return self.sign_out()
        unread = "" if ended else request.session.get(RESULT)  # Of the first click, where this is the second.
        return self.say(unread or result_of_ending(ended))


class EverywhereView(EverywhereElseView):
    """Sign out of all browsers."""

    also_here = True


def result_of_ending(number: int) -> str:
    if not number:
        return _("You are signed in nowhere else.")
    text = ngettext("You are signed out of %(n)d other browser.", "You are signed out of %(n)d other browsers.", number)
    return text % {"n": number}
