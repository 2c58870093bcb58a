"""Pages whose one script stands in them, so that their policy allows no other: Content Security Policy Level 3."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from oidc_session import inline_script

STATIC = Path(__file__).parent / "static" / "oidc_session_rp"


def page_with_script(request: HttpRequest, template: str, script: str, context: dict[str, Any]) -> HttpResponse:
    """Return a page that nobody keeps, and that runs the script in it and loads nothing."""
    response = render(request, template, context | {"script": inline_script.source(script, STATIC)})
    allowed = inline_script.csp_hash(script, STATIC)
    response["Content-Security-Policy"] = f"default-src 'none'; script-src {allowed}; base-uri 'none'"
    add_never_cache_headers(response)
    return response
