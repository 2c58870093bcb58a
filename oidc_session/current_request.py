"""The request being answered, for receivers whose signal does not carry it."""

from contextvars import ContextVar

from django.http import HttpRequest

current_request: ContextVar[HttpRequest | None] = ContextVar("oidc_session.current_request", default=None)
