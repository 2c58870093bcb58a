"""Login, silent login and logout at one provider, named `demo`."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from testproject.rp import provider, transactions, visitor
from testproject.rp.exceptions import LoginRefused, OIDCError, ProviderUnavailable
from testproject.rp.person import Person
from testproject.rp.return_path import safe_path
from testproject.rp.transactions import Transaction

logger = logging.getLogger(__name__)
TROUBLE = ("server_error", "temporarily_unavailable")
View = Callable[..., HttpResponse]


def shows_errors(view: View) -> View:
    """Decorate a view that asks the provider: its failures end on a page that starts nothing anew."""

    @wraps(view)
    def view_with_error_page(request: HttpRequest, *args: Any) -> HttpResponse:
        try:
            return view(request, *args)
        except OIDCError as error:
            logger.warning("Login failed path=%s reason=%s", request.path, error)
            status = 502 if isinstance(error, ProviderUnavailable) else 400
            return render(request, "rp/error.html", {"error": error}, status=status)

    return view_with_error_page


@require_GET
@never_cache
@shows_errors
def login(request: HttpRequest) -> HttpResponse:
    return start(Transaction(return_to=safe_path(request.GET.get("next", ""))))


@require_GET
@never_cache
@xframe_options_sameorigin
def silent(request: HttpRequest) -> HttpResponse:
    """Ask in a hidden frame who is signed in at the provider: Session Management 1.0, "RP iframe"."""
    person = visitor.person(request.session)
    hint = {"id_token_hint": person.id_token} if person else {}
    try:
        return start(Transaction(silent=True, sub=person and person.sub), prompt="none", **hint)
    except OIDCError as error:
        return tell_page(request, outcome="failed", reason=str(error))


def start(transaction: Transaction, **parameters: str) -> HttpResponse:
    response = HttpResponseRedirect(provider.authorization_url(transaction, **parameters))
    transactions.begin(response, transaction)
    return response


@require_GET
@never_cache
@xframe_options_sameorigin
@shows_errors
def callback(request: HttpRequest) -> HttpResponse:
    transaction = transactions.find(request)
    finish = finish_silent if transaction.silent else finish_login
    response = finish(request, transaction)
    transactions.end(response, transaction)
    return response


@shows_errors
def finish_login(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    person = provider.redeem(request.GET, transaction)
    visitor.sign_in(request.session, person)
    return HttpResponseRedirect(safe_path(transaction.return_to))


def finish_silent(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    try:
        person = provider.redeem(request.GET, transaction)
    except OIDCError as error:
        if not isinstance(error, LoginRefused) or error.error in TROUBLE:
            return tell_page(request, outcome="failed", reason=str(error))
        person = None
    follow(request, transaction, person)
    return tell_page(
        request,
        outcome="person" if person else "nobody",
        sub=person.sub if person else "",
        name=person.name if person else "",
        session_state=request.GET.get("session_state", ""),
    )


def follow(request: HttpRequest, transaction: Transaction, person: Person | None) -> None:
    """Carry the local session on, or end it, if it still is the one that the provider was asked about."""
    here = visitor.person(request.session)
    if here is None or here.sub != transaction.sub:
        return
    if person and person.sub == here.sub:
        visitor.carry_on(request.session, person)
    else:
        visitor.sign_out(request.session)


def tell_page(request: HttpRequest, **outcome: str) -> HttpResponse:
    return render(request, "rp/silent.html", {"told": outcome})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out here first, whatever happens at the provider."""
    person = visitor.person(request.session)
    visitor.sign_out(request.session)
    if person is None:
        return HttpResponseRedirect("/")
    try:
        return HttpResponseRedirect(provider.end_session_url(person.id_token))
    except OIDCError as error:
        logger.warning("Logout did not reach the provider reason=%s", error)
        return render(request, "rp/error.html", {"error": error, "signed_out": True}, status=502)
