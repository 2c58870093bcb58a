"""Django's CSRF check of the authorization endpoint, from which a client's request by POST is exempt."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_protect

from oidc_session import installed_middleware
from oidc_session.conf import conf

Dispatch = Callable[..., HttpResponseBase]


def csrf_check(dispatch: Dispatch) -> Dispatch:
    """Check in the middleware's place, which the exemption keeps out; with the feature off, only where there is one."""
    if conf.SESSIONS_ENABLED or installed_middleware.position(CsrfViewMiddleware) is not None:
        return csrf_protect(dispatch)
    return dispatch
