"""How long the OP iframe takes to answer a message in Chromium, over a frame that only sends it back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from benchmarks.contenders import contenders
from benchmarks.missing import Missing
from benchmarks.rows import Row, show
from tools.browser import chromium

STATE, CLIENT, SALT = "state", "client", "salt"
COOKIES = {"oidc_provider": "op_browser_state", "oidc_session": "oidc_ua_agent_state"}
ROUNDS, MESSAGES = 25, 100
ECHO = "<!doctype html><script>addEventListener('message', e => e.source.postMessage(e.data, e.origin))</script>"
ASKING = """
window.frames_by_name = {};
const once = (target, name) => new Promise((resume) => target.addEventListener(name, resume, { once: true }));
window.trip = async (name, message) => {
  const answer = once(window, "message");
  frames_by_name[name].contentWindow.postMessage(message, origin_of_provider);
  return (await answer).data;
};
window.open_frame = async (name) => {
  const frame = document.createElement("iframe");
  frame.src = `${origin_of_provider}/${name}`;
  const loaded = once(frame, "load");
  document.body.append(frame);
  await loaded;
  frames_by_name[name] = frame;
};
window.first = async (name, message) => {
  const began = performance.now();
  await open_frame(name);
  const answer = await trip(name, message);
  return [performance.now() - began, answer];
};
window.batch = async (name, messages) => {
  const began = performance.now();
  let answer;
  for (const message of messages) answer = await trip(name, message);
  return [(performance.now() - began) / messages.length, answer];
};
"""
Pages = dict[str, tuple[str, dict[str, str]]]


def measure() -> Iterator[Row]:
    if chromium() is None:
        raise Missing("Chromium", "apt-get install chromium")
    with contenders("oidc_provider", "oidc_session") as both:
        documents = {one.name: one.do("iframe_document") for one in both}
    pages: Pages = {"/echo": (ECHO, {}), "/asking": ("<!doctype html><body></body>", {})}
    pages |= {f"/{name}": (inlined(found), policy(found)) for name, found in documents.items()}
    with served(pages) as provider, served(pages) as asking, page_at(f"{asking}/asking", provider) as page:
        yield from rows(page, asking)


def rows(page: Any, origin: str) -> Iterator[Row]:
    known = message(origin, SALT)
    first = {name: first_answer(page, name, known) for name in ("echo", *COOKIES)}
    later = {name: first[name] - first["echo"] for name in COOKIES}
    repeated = compared(page, lambda round_number: [known] * MESSAGES, "unchanged")
    new = compared(
        page, lambda round_number: [message(origin, f"{round_number}a{n}") for n in range(MESSAGES)], "unchanged"
    )
    yield Row(
        "OP iframe, repeated question",
        "times an echo's",
        repeated["oidc_session"],
        1.5,
        None,
        repeated["oidc_provider"],
    )
    yield Row("OP iframe, new question", "times an echo's", new["oidc_session"], 2, None, new["oidc_provider"])
    yield Row("OP iframe, first answer after an echo's", "ms", later["oidc_session"], 10, None, later["oidc_provider"])


def compared(page: Any, messages: Any, expected: str) -> dict[str, float]:
    """Return how many times an echo's round trip those of each iframe take, asked by turns."""
    took: dict[str, list[float]] = {"echo": [], **{name: [] for name in COOKIES}}
    for round_number in range(ROUNDS):
        for name, times in took.items():
            milliseconds, answer = page.evaluate(
                "([name, messages]) => batch(name, messages)", [name, messages(round_number)]
            )
            assert name == "echo" or answer == expected, (name, answer)
            times.append(milliseconds)
    return {name: median(took[name]) / median(took["echo"]) for name in COOKIES}


def first_answer(page: Any, name: str, text: str) -> float:
    """Return the milliseconds from a new frame to its first answer, the median of a few frames."""
    return median(page.evaluate("([name, text]) => first(name, text)", [name, text])[0] for _ in range(7))


def message(origin: str, salt: str) -> str:
    """Return the question of a page whose session_state holds; each salt makes another one."""
    return f"{CLIENT} {hashlib.sha256(f'{CLIENT} {origin} {STATE} {salt}'.encode()).hexdigest()}.{salt}"


def inlined(document: dict[str, Any]) -> str:
    """Return a document that stands alone."""
    page = str(document["page"])
    for url, text in document["scripts"].items():
        page = page.replace(f'<script src="{url}"></script>', f"<script>{text}</script>")
    return page


def policy(document: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in document["headers"].items() if name.startswith(("Content-", "Cross-"))}


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """Serve pages with the cookies of a signed-in browser, and return their origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page, headers = pages.get(self.path, ("", {}))
            self.send_response(200)
            for name, value in ({"Content-Type": "text/html"} | headers).items():
                if name != "Content-Length":
                    self.send_header(name, value)
            for cookie in COOKIES.values():
                self.send_header("Set-Cookie", f"{cookie}={STATE}")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def page_at(url: str, provider: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from tests.browser.visitor import launch

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = launch(playwright, Path(folder) / "profile")
        page = context.new_page()
        page.goto(url)
        page.add_script_tag(content=f"window.origin_of_provider = {provider!r}; {ASKING}")
        yield page
        context.close()


if __name__ == "__main__":
    show(measure())
