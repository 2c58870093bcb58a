"""Server-sent events: an open page learns at once what becomes of its session. HTML, "Server-sent events"."""

import asyncio
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from oidc_session.rp.answers import provider_or_404
from oidc_session.rp.conf import conf
from oidc_session.rp.session import Session, State
from oidc_session.rp.visit import Visit, visitor_of
from oidc_session.rp.watcher import watcher

EVENTS = {State.ACTIVE: "revived", State.EXPIRED: "expired", State.GONE: "signed-out"}
BEGINNING = "retry: 1000\n\n"
HEARTBEAT = ": \n\n"
HEARTBEAT_AFTER = 15.0  # Seconds: proxies close what is silent for longer.
UNBUFFERED = {"X-Accel-Buffering": "no", "Content-Encoding": "identity"}  # By nginx; by GZipMiddleware.


@login_not_required
@require_GET
@never_cache
async def events(request: HttpRequest, name: str) -> HttpResponseBase:
    """Stream the events of this browser's session; 204, which lets the browser not come again, where there is none."""
    provider_or_404(name)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    session = await sync_to_async(_look)(visitor_of(request)[name])
    if session is None:
        return HttpResponse(status=204)
    return StreamingHttpResponse(stream(session), content_type="text/event-stream", headers=UNBUFFERED)


async def stream(session: Session) -> AsyncIterator[str]:
    """Yield an event at each change of state, until the session is gone or the stream has lasted long enough."""
    ends_at = time.monotonic() + conf.events_lifetime
    state = session.state
    with watcher().watching(session) as watch:
        yield BEGINNING
        while state != State.GONE and (left := ends_at - time.monotonic()) > 0:
            try:
                state = await asyncio.wait_for(watch.change(), min(left, HEARTBEAT_AFTER))
                yield f"event: {EVENTS[state]}\ndata: {{}}\n\n"
            except TimeoutError:
                yield HEARTBEAT


def _look(visit: Visit) -> Session | None:
    """Return the session, and the connection: a stream would hold it for as long as it lasts."""
    session = visit.look()
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
    return session
