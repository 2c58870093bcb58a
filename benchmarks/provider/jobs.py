"""What the benchmark has a provider do. Each job returns JSON: seconds, bytes and numbers of queries."""

import gc
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import override_settings

from benchmarks.provider.browser import HOST, Answer, Browser

kind: Any = import_module("benchmarks.provider." + ("dot" if settings.IS_DOT else "oidc_provider"))
IFRAME = re.compile(r'"check_session_iframe": *"([^"]+)"')
SCRIPT = re.compile(r'<script[^>]* src="([^"]+)"')

numbers = count()
prepared: dict[Any, Any] = {}


def view(path: str, signed_in: bool) -> dict[str, Any]:
    """What the second answer of a view brings beside its content, and asks of the database."""
    browser = new_browser() if signed_in else Browser()
    browser.get(path)
    with counted_queries() as queries:
        second = browser.get(path)
    return {
        "queries": len(queries),
        "cookie_bytes": sum(len(value) for name, value in second.headers if name == "Set-Cookie"),
        "vary": second.header("Vary"),
    }


def prepare_view(path: str, signed_in: bool) -> None:
    """Make a request for answer_view(), with the cookies that a browser has by then."""
    browser = new_browser() if signed_in else Browser()
    browser.get(path)
    prepared["environ"] = browser.environ(b"") | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
    prepared[True] = browser.application
    with override_settings(MIDDLEWARE=[one for one in settings.MIDDLEWARE if one != settings.SESSION_MIDDLEWARE]):
        prepared[False] = WSGIHandler()


def answer_view(times: int, with_middleware: bool) -> float:
    """Return the seconds of CPU that an answer takes to what prepare_view() made."""
    application, environ = prepared[with_middleware], prepared["environ"]
    began = time.process_time()
    for _ in range(times):
        application(dict(environ), lambda status, headers: None).close()
    return (time.process_time() - began) / max(times, 1)


def middleware(path: str, signed_in: bool, rounds: int) -> list[float]:
    """Return what the app's middleware adds to a request, in seconds of CPU."""
    prepare_view(path, signed_in)
    return [added_by_middleware() for _ in range(rounds)]


def added_by_middleware() -> float:
    """Ask with it, twice without, and with it again: what comes first in a pair takes longer."""
    took = [answer_view(1, with_middleware) for with_middleware in (True, False, False, True)]
    return (took[0] - took[1] - took[2] + took[3]) / 2


def authorization(times: int, applications: int = 1) -> dict[str, Any]:
    """Authorize in one browser: the first time at each of so many applications, and again and again by turns."""
    browser, clients, another = new_browser(), [new_application() for _ in range(applications)], new_application()
    first = [authorize(browser, client) for client in clients]
    again = [authorize(browser, clients[number % applications]) for number in range(times)]
    with counted_queries() as first_queries:
        authorize(browser, another)
    with counted_queries() as queries:
        authorize(browser, another)
    return {
        "first_cpu": [answer.cpu for answer in first],
        "cpu": [answer.cpu for answer in again],
        "first_queries": len(first_queries),
        "queries": len(queries),
    }


def logout(tokens: int = 1, elsewhere: int = 0) -> dict[str, Any]:
    """Sign in, take so many tokens, and sign out by the wish of the application."""
    browser, client_id = new_browser(), new_application()
    id_token = [tokens_of(browser, client_id)["id_token"] for _ in range(tokens)][-1]
    if elsewhere:
        kind.make_tokens_elsewhere(get_user_model().objects.get(username=browser.person), elsewhere)
    request = {"id_token_hint": id_token, "post_logout_redirect_uri": f"https://{client_id}.example/"}
    with counted_queries() as queries:
        answer = browser.get(kind.LOGOUT, **request)
    expect(answer, 302)
    return {"took": answer.took, "cpu": answer.cpu, "queries": len(queries)}


def logins(seconds: float) -> None:
    person = new_browser().person
    repeat(seconds, lambda: expect(Browser().get(f"/sign-in/{person}/"), 200))


def authorizations(seconds: float) -> None:
    browser, client_id = new_browser(), new_application()
    repeat(seconds, lambda: authorize(browser, client_id))


def logouts(seconds: float) -> None:
    """Sign in, authorize once, and sign out by the wish of the application."""
    repeat(seconds, logout)


def repeat(seconds: float, do: Callable[[], object]) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        do()


def iframe_document(applications: int = 0) -> dict[str, Any]:
    """Return the OP iframe's document and its scripts, as a browser gets them; first add so many applications."""
    kind.make_applications(applications)
    address = IFRAME.search(Browser().get("/o/.well-known/openid-configuration/").body.decode())
    query = urlsplit(address[1]).query if address else ""
    answer = Browser().get("/o/check-session-iframe/", **dict(parse_qsl(query)))
    expect(answer, 200)
    page = answer.body.decode()
    scripts = {url: Path(finders.find(url.removeprefix("/static/"))).read_text() for url in SCRIPT.findall(page)}
    return {"page": page, "headers": dict(answer.headers), "scripts": scripts}


def new_browser() -> Browser:
    """Return a browser in which a new person has just signed in."""
    browser = Browser()
    browser.person = f"person-{next(numbers)}"
    get_user_model().objects.create_user(browser.person)
    expect(browser.get(f"/sign-in/{browser.person}/"), 200)
    return browser


def new_application() -> str:
    """Return the client_id of a new application, which asks for no consent."""
    client_id = f"application-{next(numbers)}"
    kind.make_application(client_id)
    return client_id


def authorize(browser: Browser, client_id: str) -> Answer:
    answer = browser.get("/o/authorize/", **authorization_request(client_id))
    expect(answer, 302)
    assert "code" in answer.query, answer.query
    return answer


def authorization_request(client_id: str) -> dict[str, str]:
    request = {"response_type": "code", "scope": "openid", "state": "state", "nonce": "nonce"}
    return request | {"client_id": client_id, "redirect_uri": f"https://{client_id}.example/callback"}


def tokens_of(browser: Browser, client_id: str) -> dict[str, str]:
    """Return the token response to a new authorization."""
    return tokens(authorize(browser, client_id).query["code"], client_id)


def tokens(code: str, client_id: str) -> dict[str, str]:
    answer = Browser().post(
        "/o/token/",
        grant_type="authorization_code",
        code=code,
        redirect_uri=f"https://{client_id}.example/callback",
        client_id=client_id,
        client_secret=kind.SECRET,
    )
    expect(answer, 200)
    return dict(json.loads(answer.body))


def requests_of_people(number: int) -> list[str]:
    """Return requests for an authorization as they come over the wire, each of another person who is signed in."""
    client_id = new_application()
    browsers = [new_browser() for _ in range(number)]
    query = urlencode(authorization_request(client_id))
    cookies = ["; ".join(f"{name}={value}" for name, value in browser.cookies.items()) for browser in browsers]
    head = f"GET /o/authorize/?{query} HTTP/1.1\r\nHost: {HOST}\r\nCookie: "
    return [f"{head}{each}\r\n\r\n" for each in cookies]


def expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}: {answer.body[:2000]!r}")


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Count queries; what begins and ends a transaction or a savepoint, and asks nothing, is none."""
    queries: list[str] = []

    def count_query(execute: Any, sql: str, *rest: Any) -> Any:
        queries.extend(() if sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")) else (sql,))
        return execute(sql, *rest)

    with connection.execute_wrapper(count_query):
        yield queries


def collect_no_garbage() -> None:
    """Keep the garbage collector out of what is counted: it comes when it likes."""
    gc.collect()
    gc.disable()
