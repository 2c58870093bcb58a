"""Login, callback, logout, refresh and status: the views of a relying party. None of them is behind a login."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST

from oidc_session.rp import cookies, django_session, reauthentication, signing_in, silent_login, transactions
from oidc_session.rp.access import login_url
from oidc_session.rp.answers import LOGIN_REQUIRED, error_json, login_failure, page, provider_or_404
from oidc_session.rp.authentication_request import authentication_request_url, redirect_uri
from oidc_session.rp.conf import Provider, conf, provider_names
from oidc_session.rp.exceptions import ProviderUnavailable, RelyingPartyError
from oidc_session.rp.logout import end_session_response
from oidc_session.rp.return_to import safe_path
from oidc_session.rp.session import Session
from oidc_session.rp.silent_login import Silent
from oidc_session.rp.transactions import Transaction
from oidc_session.rp.visit import Visit, visitor_of

logger = logging.getLogger(__name__)


@login_not_required
@require_GET
@never_cache
def login(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    path = safe_path(request.GET.get("next", ""))
    silent = request.GET.get("silent") == "1"
    session = visitor_of(request)[name].look()
    anew = session is not None and session.was_left_alone  # Somebody else may sit there now.
    if silent and anew:
        return silent_login.answer(request, name, Silent.FAILED)
    max_age = reauthentication.longest_ago(provider, anew=anew)
    transaction = Transaction(name, redirect_uri(request, provider), path, silent, max_age)
    parameters = silent_login.parameters(session) if silent else {}
    parameters |= reauthentication.parameters(provider, max_age, anew=anew)
    try:
        response = HttpResponseRedirect(authentication_request_url(provider, transaction, **parameters))
    except ProviderUnavailable as error:
        return _not_begun(request, transaction, error)
    transactions.begin(request, response, transaction)
    return response


@login_not_required
@require_GET
@never_cache
def callback(request: HttpRequest, name: str) -> HttpResponse:
    provider = provider_or_404(name)
    state = request.GET.get("state", "")
    path = conf.home
    try:
        transaction = transactions.take(request, name, state)
        path = safe_path(transaction.next)
        finish = signing_in.finish_silently if transaction.silent else signing_in.finish
        response = finish(request, provider, transaction)
    except RelyingPartyError as error:
        logger.warning("Login failed provider=%s reason=%s", name, error)
        response = login_failure(request, error, login=login_url(name, path))
    cookies.forget_login_secret(response, state)
    return response


@login_not_required
@require_POST
@csrf_protect
@never_cache
def logout(request: HttpRequest, name: str) -> HttpResponse:
    """Sign out here first, whatever happens at the provider."""
    provider = provider_or_404(name)
    session = visitor_of(request)[name].forget()
    django_session.end(request)
    response = _signed_out(request, provider, session)
    cookies.forget_handle(response, name)
    return response


@login_not_required
@require_POST
@csrf_protect
@never_cache
def refresh(request: HttpRequest, name: str) -> HttpResponse:
    """Refresh the session for a script of an open page, which is no use by the person."""
    provider_or_404(name)
    visit = visitor_of(request)[name]
    if visit.look() is None:
        return error_json(LOGIN_REQUIRED)
    result = visit.refresh()
    return JsonResponse(_status(visit)) if result else error_json(result.outcome)


@login_not_required
@require_GET
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Tell a script of an open page how this browser stands with each provider, which is no use by the person."""
    visits = {name: visitor_of(request)[name] for name in provider_names()}
    for visit in visits.values():
        visit.counts_as_use = False
    return JsonResponse({name: _status(visit) for name, visit in visits.items()})


def _not_begun(request: HttpRequest, transaction: Transaction, error: ProviderUnavailable) -> HttpResponse:
    if transaction.silent:
        return silent_login.answer(request, transaction.provider, Silent.FAILED)
    return login_failure(request, error, login=login_url(transaction.provider, transaction.next))


def _signed_out(request: HttpRequest, provider: Provider, session: Session | None) -> HttpResponse:
    if session is None:
        return HttpResponseRedirect(conf.home)
    try:
        return end_session_response(request, provider, session)
    except ProviderUnavailable as error:
        logger.warning("Logout did not reach the provider provider=%s reason=%s", provider.name, error)
    text = _("Your provider could not be told. You may still be signed in there, and at other sites.")
    return page(request, _("You are signed out here"), text, 502)


def _status(visit: Visit) -> dict[str, object]:
    expires_at = visit.expires_at
    return {
        "state": str(visit.state),
        "sub": visit.sub,
        "groups": visit.groups,
        "expires_at": int(expires_at) if expires_at else None,
    }
