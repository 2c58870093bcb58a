"""Views for people who are signed in at a provider, or in a group there."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest

from oidc_session.rp.access import denial

View = Callable[..., Any]


def oidc_login_required(view: View | None = None, *, provider: str = "") -> View:
    """Decorate a view for who is signed in at a provider, the default one if none is named."""
    guard = partial(_guarded, provider=provider, groups=())
    return guard(view) if view else guard


def group_required(*groups: str, provider: str = "") -> Callable[[View], View]:
    """Decorate a view for who is in one of these groups; to others who are signed in it answers 403."""
    return partial(_guarded, provider=provider, groups=groups)


def _guarded(view: View, provider: str, groups: tuple[str, ...]) -> View:
    @wraps(view)
    def guarded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return denial(request, provider, groups) or view(request, *args, **kwargs)

    @wraps(view)
    async def async_guarded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(denial)(request, provider, groups) or await view(request, *args, **kwargs)

    return login_not_required(async_guarded_view if iscoroutinefunction(view) else guarded_view)
