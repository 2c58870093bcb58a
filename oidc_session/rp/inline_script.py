"""Pages whose one script stands in them, so that their policy allows no other: Content Security Policy Level 3."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

STATIC = Path(__file__).parent / "static" / "oidc_session_rp"


def page_with_script(request: HttpRequest, template: str, script: str, context: dict[str, Any]) -> HttpResponse:
    """Return a page that nobody keeps, and that runs the script in it and loads nothing."""
    response = render(request, template, context | {"script": _text(script)})
    response["Content-Security-Policy"] = f"default-src 'none'; script-src {_hash(script)}; base-uri 'none'"
    add_never_cache_headers(response)
    return response


@cache
def _text(script: str) -> str:
    return (STATIC / script).read_text(encoding="utf-8")


@cache
def _hash(script: str) -> str:
    """Return the script's source expression of Content Security Policy Level 3, "Hash Source"."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_text(script).encode()).digest()).decode()}'"
