"""A proxy before the provider that ends TLS, and may be set up badly.

with proxy(upstream, certificate) as front:
    front.after = changing("X-Frame-Options", "DENY")
"""

import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")


@dataclass
class Answer:
    """What the provider has answered, and the proxy may change."""

    path: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def drop(self, *names):
        self.headers = [(name, value) for name, value in self.headers if name.lower() not in names]

    def replace(self, name, old, new):
        self.headers = [(key, value.replace(old, new) if key.lower() == name else value) for key, value in self.headers]

    def add(self, name, value):
        self.headers.append((name, value))


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        self.well_set_up()

    def well_set_up(self):
        self.before = lambda headers: None
        self.after = lambda answer: None

    @property
    def url(self):
        return f"https://localhost:{self.server_port}/o"

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(20)
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        """Say nothing: a client that distrusts the certificate goes away."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        headers = {"Host": self.headers["Host"], "X-Forwarded-Proto": "https"}
        self.server.before(headers)
        answer = self.ask(headers)
        self.server.after(answer)
        self.send_response_only(answer.status)
        for name, value in [*answer.headers, ("Content-Length", str(len(answer.body))), ("Connection", "close")]:
            self.send_header(name, value)
        if not any(name.lower() == "date" for name, _ in answer.headers):
            self.send_header("Date", self.date_time_string(time.time()))
        self.end_headers()
        self.wfile.write(answer.body)

    def ask(self, headers):
        connection = HTTPConnection(*self.server.upstream, timeout=20)
        connection.request("GET", self.path, headers=headers)
        response = connection.getresponse()
        kept = [(name, value) for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP]
        answer = Answer(self.path.partition("?")[0], response.status, kept, response.read())
        connection.close()
        return answer

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def proxy(upstream, certificate):
    with Proxy(upstream, certificate) as front:
        thread = Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield front
        finally:
            front.shutdown()
            thread.join(20)
