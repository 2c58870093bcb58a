"""Who may go on to a view, and what the others get: 401 is an invitation to sign in, 403 is not."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from oidc_session.rp.answers import LOGIN_REQUIRED, refusal, wants_page
from oidc_session.rp.refresh import Outcome
from oidc_session.rp.session import Expiry
from oidc_session.rp.visit import Visit, visitor_of

OUTCOMES_WITHOUT_LOGIN = (Outcome.UNAVAILABLE, Outcome.CONFIGURATION, Outcome.INVALID)
OUTCOME_OF_EXPIRY = {Expiry.CONFIGURATION: Outcome.CONFIGURATION, Expiry.UNAVAILABLE: Outcome.UNAVAILABLE}


def visit_of(request: HttpRequest, provider: str) -> Visit:
    visitor = visitor_of(request)
    return visitor[provider] if provider else visitor


def denial(request: HttpRequest, provider: str = "", groups: tuple[str, ...] = ()) -> HttpResponse | None:
    """Return the answer to whoever may not go on: is not signed in, or in none of the groups; None for the others."""
    visit = visit_of(request, provider)
    if not visit.is_active:
        return _sign_in_first(request, visit)
    if visit.is_restricted or (groups and not visit.has_group(*groups)):
        return refusal(request, Outcome.RESTRICTED)
    return None


def login_url(provider: str, address: str) -> str:
    """Return the address that starts a login, and comes back to an address of this site."""
    return f"{reverse('oidc_session_rp:login', args=[provider])}?{urlencode({'next': address})}"


def reason_of(visit: Visit) -> str:
    """Return why somebody is not signed in, as an error of answers.py."""
    if visit.expiry is None:
        return Outcome.INVALID if visit.outcome == Outcome.INVALID else LOGIN_REQUIRED
    return OUTCOME_OF_EXPIRY.get(visit.expiry, Outcome.EXPIRED)


def _sign_in_first(request: HttpRequest, visit: Visit) -> HttpResponse:
    reason = reason_of(visit)
    login = login_url(visit.name, _place(request))
    if reason in OUTCOMES_WITHOUT_LOGIN or not wants_page(request) or request.method not in ("GET", "HEAD"):
        return refusal(request, reason, login="" if reason == Outcome.UNAVAILABLE else login)
    return HttpResponseRedirect(login)


def _place(request: HttpRequest) -> str:
    """Return where the person is: of a form that was sent, the page that it stood on."""
    if request.method in ("GET", "HEAD") and wants_page(request):
        return request.get_full_path()
    referrer = urlsplit(request.headers.get("Referer", ""))
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
