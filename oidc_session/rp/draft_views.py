"""Drafts for the script that keeps them: read by who is signed in, written by who was so a moment ago, too."""

from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from oidc_session.rp import kept_drafts
from oidc_session.rp.access import reason_of
from oidc_session.rp.answers import LOGIN_REQUIRED, error_json
from oidc_session.rp.draft_forms import DraftForm, PageForm
from oidc_session.rp.exceptions import UnknownProvider
from oidc_session.rp.kept_drafts import Draft, Kept
from oidc_session.rp.refresh import Outcome
from oidc_session.rp.session import Session
from oidc_session.rp.visit import Visit, visitor_of

STATUS = {"invalid_draft": 400, "draft_too_long": 413, "too_many_drafts": 409, "other_person": 409}


@login_not_required
@require_http_methods(["GET", "POST"])
@csrf_protect
@never_cache
def drafts(request: HttpRequest, name: str) -> HttpResponse:
    try:
        visit = visitor_of(request)[name]
    except UnknownProvider:
        raise Http404 from None
    return _save(request, visit) if request.method == "POST" else _show(request, visit)


def _show(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the drafts of a page, and whose they are: never those of a session that has expired."""
    visit.counts_as_use = False
    session = visit.session
    if session is None or not visit.is_active:
        return error_json(reason_of(visit))
    form = PageForm(request.GET)
    if not form.is_valid():
        return _error("invalid_draft")
    return JsonResponse(
        {
            "person": kept_drafts.opaque_person(session),
            "csrf_token": get_token(request),
            **_found(session, form.cleaned_data),
        }
    )


def _found(session: Session, asked: dict[str, Any]) -> dict[str, Any]:
    found = kept_drafts.drafts_of(session, asked["page"], asked["field"])
    return {
        "drafts": {field: asdict(draft) for field, draft in found.items()},
        "submitted": kept_drafts.submitted(session, asked["id"]),
    }


def _save(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep a draft. Who types is there; but no session comes back to life by that."""
    session = visit.session
    if session is None:
        return error_json(LOGIN_REQUIRED)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _error(form.error)
    sent = form.cleaned_data
    if sent["person"] != kept_drafts.opaque_person(session):
        return _error("other_person")
    kept = kept_drafts.keep(session, sent["page"], sent["field"], Draft(sent["text"], sent["id"], sent["at"]))
    if kept == Kept.TOO_MANY:
        return _error(kept)
    expired = not visit.is_active and reason_of(visit) == Outcome.EXPIRED
    return JsonResponse({"expired": expired, "submitted": kept == Kept.SUBMITTED})


def _error(error: str) -> JsonResponse:
    return JsonResponse({"error": str(error)}, status=STATUS[error])
