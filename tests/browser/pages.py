"""A web server for pages of a test's own: Chromium lets only a page from this machine frame one from this machine."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Pages(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents = {}

    def add(self, document, headers):
        """Keep a document, and return its path."""
        path = f"/{len(self.documents)}/"
        self.documents[path] = (document, headers)
        return path


class Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self):
        document, headers = self.server.documents.get(self.path, ("", {}))
        self.send_response(200)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
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
        pages.shutdown()
        thread.join()
        pages.server_close()
