"""A person with a browser, who speaks WSGI: nothing stands between the measure and the provider."""

import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from io import BytesIO
from urllib.parse import parse_qs, urlencode, urlsplit

from django.core.wsgi import get_wsgi_application

HOST = "op.example"


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cpu: float
    """Seconds of CPU that the answer took, in all threads of the process."""
    took: float
    """Seconds until the answer was there."""

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found.lower() == name.lower()), "")

    @property
    def query(self) -> dict[str, str]:
        """The parameters with which it redirects."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.header("Location")).query).items()}


class Browser:
    application = staticmethod(get_wsgi_application())

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.person = ""

    def get(self, path: str, **query: str) -> Answer:
        return self.answer({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": urlencode(query)}, b"")

    def post(self, path: str, **form: str) -> Answer:
        body = urlencode(form).encode()
        posted = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
        return self.answer({"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": ""} | posted, body)

    def answer(self, request: dict[str, str], body: bytes) -> Answer:
        environ = self.environ(body) | request
        head: list[tuple[str, list[tuple[str, str]]]] = []
        cpu, began = time.process_time(), time.perf_counter()
        response = self.application(environ, lambda status, headers: head.append((status, headers)))
        content = b"".join(response)
        response.close()
        cpu, took = time.process_time() - cpu, time.perf_counter() - began
        answer = Answer(int(head[0][0].split()[0]), head[0][1], content, cpu, took)
        self.keep_cookies(answer)
        return answer

    def environ(self, body: bytes) -> dict[str, object]:
        return {
            "SERVER_NAME": HOST,
            "SERVER_PORT": "443",
            "HTTP_HOST": HOST,
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "REMOTE_ADDR": "203.0.113.7",
            "SCRIPT_NAME": "",
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def keep_cookies(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name == "Set-Cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
