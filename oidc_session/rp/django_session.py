"""Django's own session, where a project has it: what one person left in it is not for the next."""

from django.http import HttpRequest


def begin(request: HttpRequest, *, same_person: bool) -> None:
    """Give the session a new key at a login; empty it first, if it may be somebody else's."""
    if not hasattr(request, "session") or request.session.is_empty():
        return
    if same_person:
        request.session.cycle_key()
    else:
        request.session.flush()


def end(request: HttpRequest) -> None:
    if hasattr(request, "session") and not request.session.is_empty():
        request.session.flush()
