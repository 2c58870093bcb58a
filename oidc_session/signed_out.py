"""The page after a logout: it asks applications in frames, tells what is true of each, and goes on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from oauth2_provider.models import get_application_model

from oidc_session import frontchannel, inline_script, shown_session, signed_out_address
from oidc_session.conf import conf
from oidc_session.frontchannel import Standing, Told
from oidc_session.logout_uris import policy_source
from oidc_session.models import OPSession
from oidc_session.signed_out_address import Shown

if TYPE_CHECKING:
    from django.views import View
else:
    View = object

SCRIPT, NEWS_SCRIPT, STYLE = "frontchannel_logout.js", "signed_out_news.js", "signed_out.css"
RUN_BY_BROWSERS = ("javascript", "data", "vbscript")
LONGEST_LIST = 2000  # Characters: proxies often take no more than 4,000 for all headers.
LEAST_SECONDS = 2  # Without JavaScript, which takes whole seconds and one of them before the frames are asked.


class SignedOutMixin(View):
    """For views that log out."""

    request: HttpRequest
    signed_out_template_name = "oidc_session/signed_out.html"

    def get_browser_session(self) -> OPSession | None:
        """Return the session that the browser shows, even one that has ended; to be asked before the logout."""
        return shown_session.of_browser(self.request) if conf.LOGOUT_NOTICES_ENABLED else None

    def get_signed_out_page(
        self, session: OPSession | None, next_url: str = "", initiator: str = "", **context: Any
    ) -> HttpResponse | None:
        """Return the page for the browser of an ended session; None where there is nothing to tell, or nobody stays.

        The initiator is the client_id of the application that has asked for the logout, where that is certain.
        """
        told = frontchannel.show(session, initiator) if session else []
        if urlsplit(next_url).scheme.lower() in RUN_BY_BROWSERS:
            next_url = ""
        is_news = any(one.standing != Standing.INITIATED for one in told)
        if not is_news or (next_url and not any(one.frame for one in told)):
            return None
        left = getattr(context.get("left"), "client_id", "")
        context |= {"has_left": _has_answered(told, left)}
        if session and not next_url and _is_under_way(told):
            shown = Shown(session.pk, initiator, left)
            context |= {"news_url": signed_out_address.address_of(self.request, shown)}
        return self.render_signed_out(told, self.get_signed_out_context(told, next_url) | context)

    def get_updated_page(self, token: str) -> HttpResponse:
        """Return the page again, as things are by now, and without frames: each was shown."""
        shown = signed_out_address.read(token)
        told = frontchannel.look(OPSession(pk=shown.session), shown.initiator) if shown else []
        if not shown or not told:
            return HttpResponseRedirect(self.get_home_url())
        left = get_application_model().objects.filter(client_id=shown.left).first() if shown.left else None
        has_news = shown.has_news and _is_under_way(told)
        context = {
            "left": left,
            "has_left": _has_answered(told, shown.left),
            "news_url": self.request.path if has_news else "",
        }
        return self.render_signed_out(told, self.get_signed_out_context(told, "") | context)

    def render_signed_out(self, told: list[Told], context: dict[str, Any]) -> HttpResponse:
        response = render(self.request, self.signed_out_template_name, context)
        policy = self.get_signed_out_policy(told)
        if context.get("news_url"):
            policy = _allowing_news(policy)
        response["Content-Security-Policy"] = _header(policy)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"  # The address may have an id_token_hint.
        response["X-Frame-Options"] = "DENY"
        return response

    def get_signed_out_context(self, told: list[Told], next_url: str) -> dict[str, Any]:
        limit = conf.FRONTCHANNEL_LOGOUT_TIMEOUT
        return {
            "applications": told,
            "is_all_told": all(one.standing != Standing.UNKNOWN for one in told),
            "next_url": next_url,
            "home_url": self.get_home_url(),
            "limit": str(limit),  # A number would be written as the language does.
            "seconds": str(max(LEAST_SECONDS, int(limit))),
            "frame_sources": self.get_signed_out_policy(told)["frame-src"],
            "script": inline_script.source(SCRIPT),
            "news_script": inline_script.source(NEWS_SCRIPT),
            "style": inline_script.source(STYLE),
        }

    def get_signed_out_policy(self, told: list[Told]) -> dict[str, str]:
        """Return the page's Content Security Policy by directive: our own script, and frames of the applications."""
        return {
            "default-src": "'none'",
            "script-src": inline_script.csp_hash(SCRIPT),
            "style-src": f"'self' {inline_script.csp_hash(STYLE)}",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "frame-src": " ".join(_origins(told)) or "'none'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
        }

    def get_home_url(self) -> str:
        """Return where a person goes who goes back to no application."""
        home: str = self.request.build_absolute_uri(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))
        return home


def _header(policy: dict[str, str]) -> str:
    """Return a policy as a header that proxies take; the page itself has all of a long list of frames."""
    if len(policy["frame-src"]) > LONGEST_LIST:
        policy |= {"frame-src": "https: http:"}
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


def _allowing_news(policy: dict[str, str]) -> dict[str, str]:
    """Let the second script run and ask, where a page has it."""
    scripts = f"{policy.get('script-src', '')} {inline_script.csp_hash(NEWS_SCRIPT)}".strip()
    return {"connect-src": "'self'"} | policy | {"script-src": scripts}


def _is_under_way(told: list[Told]) -> bool:
    return any(one.standing == Standing.BEING_TOLD for one in told)


def _has_answered(told: list[Told], client_id: str) -> bool:
    """Whether an application has said that it signed the person out."""
    answers = (Standing.SIGNED_OUT, Standing.INITIATED)
    return any(one.client_id == client_id and one.standing in answers for one in told)


def _origins(told: list[Told]) -> Iterable[str]:
    return sorted({policy_source(one.frame) for one in told if one.frame})
