"""Who may break the provider: this machine alone, and no page of another site in its browser."""

from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse


def of_this_machine(view):
    """Decorate a view that is not there for anybody else."""

    @wraps(view)
    def view_of_this_machine(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forwarded = request.headers.get("X-Forwarded-For", "")  # By the TLS proxy of an https OP_URL.
        addresses = [request.META.get("REMOTE_ADDR", ""), *filter(None, forwarded.split(","))]
        if not settings.DEBUG or not all(is_loopback(address.strip()) for address in addresses):
            raise Http404
        return view(request, *args, **kwargs)

    return view_of_this_machine


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
