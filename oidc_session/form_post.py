"""OAuth 2.0 Form Post Response Mode: the parameters as a form that submits itself."""

from django.http import HttpResponse
from django.template.loader import render_to_string

from oidc_session import inline_script
from oidc_session.authentication_response import AuthenticationResponse

SCRIPT = "form_post.js"


def form_post_response(answer: AuthenticationResponse) -> HttpResponse:
    context = {"answer": answer, "script": inline_script.source(SCRIPT)}
    response = HttpResponse(render_to_string("oidc_session/form_post.html", context))
    # No form-action: Chromium holds it against the client's own redirects after the post, too.
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {inline_script.csp_hash(SCRIPT)}; base-uri 'none'"
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "origin"  # "same-origin", Django's default, makes the client see `Origin: null`.
    response.xframe_options_exempt = True  # An answer to `prompt=none` arrives in a hidden frame.
    return response
