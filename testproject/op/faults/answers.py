"""Answers in place of the right ones."""

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse, JsonResponse


def failing(status: int, **headers: str) -> Callable[[], HttpResponse]:
    return partial(HttpResponse, "<h1>Something went wrong</h1>", status=status, headers=headers)


def error(code: str, status: int = 400, **headers: str) -> Callable[[], HttpResponse]:
    """RFC 6749, "Error Response"."""
    return partial(JsonResponse, {"error": code}, status=status, headers={"Cache-Control": "no-store"} | headers)
