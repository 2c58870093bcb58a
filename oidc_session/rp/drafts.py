"""What a project's own views do with drafts."""

from django.http import HttpRequest

from oidc_session.rp import kept_drafts
from oidc_session.rp.access import visit_of
from oidc_session.rp.draft_forms import submission

PARAMETER = "oidc_draft"


def forget_drafts(request: HttpRequest, provider: str = "") -> None:
    """Forget the drafts of a form that was sent, once its view has accepted it."""
    session = visit_of(request, provider).session
    form = submission(request.POST.get(PARAMETER, ""))
    if session and form.is_valid():
        kept_drafts.submit(session, form.cleaned_data["page"], form.cleaned_data["drafts"])
