"""What a login that has come back makes of the browser's session: a new one, one that goes on, or none."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token

from oidc_session.rp import cookies, django_session, ended_sessions, login_response, silent_login
from oidc_session.rp.answers import LOGIN_REQUIRED
from oidc_session.rp.conf import Provider
from oidc_session.rp.exceptions import RelyingPartyError
from oidc_session.rp.lease import Lease
from oidc_session.rp.return_to import safe_path
from oidc_session.rp.session import Session
from oidc_session.rp.silent_login import Silent
from oidc_session.rp.stores import store
from oidc_session.rp.transactions import Transaction
from oidc_session.rp.visit import visitor_of

logger = logging.getLogger(__name__)


def finish(request: HttpRequest, provider: Provider, transaction: Transaction) -> HttpResponse:
    login = login_response.finish(provider, transaction, request.GET)
    response = HttpResponseRedirect(safe_path(transaction.next))
    _begin(request, response, login)
    rotate_token(request)
    return response


def finish_silently(request: HttpRequest, provider: Provider, transaction: Transaction) -> HttpResponse:
    """Go on with the same person; anybody else, or nobody, at the provider signs the person out here."""
    session_state = request.GET.get("session_state", "")
    answer = partial(silent_login.answer, request, provider.name, session_state=session_state)
    before = visitor_of(request)[provider.name].look()
    try:
        login = login_response.finish(provider, transaction, request.GET)
    except RelyingPartyError as error:
        logger.info("Silent login failed provider=%s reason=%s", provider.name, error)
        reason = getattr(error, "error", "")
        if reason == LOGIN_REQUIRED:
            return _silently_out(request, provider, answer)
        return answer(Silent.FAILED, session_state=session_state if reason in silent_login.NEEDS_THE_PERSON else "")
    if before is None:
        response = answer(Silent.SIGNED_IN)
        _begin(request, response, login)
        rotate_token(request)
        return response
    if before.sub != login.session.sub:
        return _silently_out(request, provider, answer)
    return _go_on(request, before, login, answer)


def _go_on(
    request: HttpRequest, before: Session, login: login_response.Login, answer: Callable[[Silent], HttpResponse]
) -> HttpResponse:
    """Let a session go on with what a silent login has brought, unless somebody refreshes it at this moment.

    The CSRF token stays: the forms of an open page would no longer be taken.
    """
    lease = Lease(before.key)
    if not lease.take():
        return answer(Silent.FAILED)
    with lease.held():
        current = store().get(before.key)
        if current is None:
            return answer(Silent.FAILED)
        response = answer(Silent.SIGNED_IN)
        _begin(request, response, replace(login, session=silent_login.going_on(current, login.session)))
        return response


def _silently_out(request: HttpRequest, provider: Provider, answer: Callable[[Silent], HttpResponse]) -> HttpResponse:
    """End the session; where there is none, leave the cookie: the person may be signing in at this moment."""
    ended = visitor_of(request)[provider.name].forget()
    response = answer(Silent.SIGNED_OUT)
    if ended:
        django_session.end(request)
        cookies.forget_handle(response, provider.name)
    return response


def _begin(request: HttpRequest, response: HttpResponse, login: login_response.Login) -> None:
    """Begin the session under a handle that nobody can have known before; the browser's last one is over."""
    session = login.session
    before = visitor_of(request)[session.provider].forget()
    ended_sessions.begin(session, since=login.came_back_at)
    nobody = cookies.session_key(request, session.provider) is None
    django_session.begin(request, same_person=nobody or (before is not None and before.sub == session.sub))
    cookies.set_handle(request, response, session.provider, login.handle)
