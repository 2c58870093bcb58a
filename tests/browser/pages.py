"""A web server for pages of a test's own: Chromium lets only a page from this machine frame one from this machine."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Seen:
    """A request that arrived."""

    path: str
    query: dict
    headers: dict
    at: float


class Pages(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents = {}
        self.seen = []
        self.released = threading.Event()

    def add(self, document, headers=None):
        """Keep a document, or a function of the handler that answers, and return its path."""
        path = f"/{len(self.documents)}/"
        self.documents[path] = (document, headers or {})
        return path


class Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.seen.append(Seen(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), time.monotonic()))
        document, headers = self.server.documents.get(parts.path, ("", {}))
        document(self) if callable(document) else self.answer(document, headers)

    do_POST = do_GET

    def answer(self, document="", headers=None, status=200):
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(document.encode())

    def log_message(self, *args):
        pass


@contextmanager
def serving(pages):
    thread = threading.Thread(target=pages.serve_forever)
    thread.start()
    try:
        yield pages
    finally:
        pages.released.set()
        pages.shutdown()
        thread.join()
        pages.server_close()
