"""{% oidc_drafts %} keeps what a person types, and {% oidc_expired %} says that the session has expired."""

from typing import Any

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse

from oidc_session.rp.access import login_url, visit_of
from oidc_session.rp.conf import conf
from oidc_session.rp.kept_drafts import opaque_person

register = template.Library()


@register.inclusion_tag("oidc_session_rp/drafts.html", takes_context=True)
def oidc_drafts(context: template.Context, provider: str = "") -> dict[str, Any]:
    """Render the script for the fields with data-oidc-draft; nothing for who is not signed in."""
    return _of_page(_request(context), provider) | {"lifetime": conf.draft_lifetime}


@register.inclusion_tag("oidc_session_rp/expired.html", takes_context=True)
def oidc_expired(context: template.Context, provider: str = "") -> dict[str, Any]:
    """Render the element that an expired session shows, and its script; nothing for who is not signed in."""
    request = _request(context)
    name = visit_of(request, provider).name
    return _of_page(request, name) | {"provider": name, "login": login_url(name, request.get_full_path())}


def _request(context: template.Context) -> HttpRequest:
    if "request" not in context:
        raise ImproperlyConfigured(
            'TEMPLATES must have the context processor "django.template.context_processors.request":'
            " these tags ask who is signed in."
        )
    request: HttpRequest = context["request"]
    return request


def _of_page(request: HttpRequest, provider: str) -> dict[str, Any]:
    visit = visit_of(request, provider)
    session = visit.session if visit.is_active else None
    return {
        "person": opaque_person(session) if session else "",
        "url": reverse("oidc_session_rp:drafts", args=[visit.name]),
    }
