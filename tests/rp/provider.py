"""A provider of the tests' own: real HTTP on 127.0.0.1, and every answer can be changed."""

import json
import threading
import time
from base64 import b64decode
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from uuid import uuid4

from jwcrypto import jwk, jwt

from oidc_session.rp.id_token import left_hash
from oidc_session.rp.pkce import s256

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPE = {"typ": "logout+jwt"}
CONFIGURATION = "/.well-known/openid-configuration"


class Provider:
    """Each answer may be replaced: answers["/token"] = Answer(…), or a function of the request that returns one."""

    def __init__(self, url):
        self.url = url
        self.keys = [first_key()]
        self.answers = {}
        self.requests = []
        self.sub = "alice-sub"
        self.claims = {}
        self.userinfo = {}
        self.expires_in = 300
        self.issue_refresh_token = True
        self.codes = {}
        self.refresh_tokens = {}
        self.issued = 0
        self.lock = threading.Lock()

    @property
    def metadata(self):
        endpoints = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "userinfo_endpoint": "/userinfo",
            "end_session_endpoint": "/logout",
            "jwks_uri": "/jwks",
        }
        return {"issuer": self.url} | {name: self.url + path for name, path in endpoints.items()}

    def rotate_key(self):
        self.keys = [new_key(f"key {len(self.keys) + 1} of {id(self)}")]

    def asked(self, path):
        return [request for request in self.requests if request.path == path]

    # What it answers

    def answer(self, request):
        self.requests.append(request)
        prepared = self.answers.get(request.path)
        if callable(prepared):
            return prepared(request)
        return prepared or self.usual_answer(request)

    def usual_answer(self, request):
        usual = {
            CONFIGURATION: lambda: Answer(self.metadata),
            "/jwks": lambda: Answer({"keys": [key.export_public(as_dict=True) for key in self.keys]}),
            "/token": lambda: self.token_answer(request),
            "/userinfo": lambda: Answer({"sub": self.sub} | self.userinfo),
        }
        return usual.get(request.path, lambda: Answer(status=404))()

    def authorize(self, address, **parameters):
        """Return where the browser is sent back to, by a person who has signed in at once."""
        asked = dict(parse_qsl(urlsplit(address).query))
        with self.lock:
            self.issued += 1
            code = f"code-{self.issued}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]} | parameters
        return f"{asked['redirect_uri']}?{urlencode({k: v for k, v in answer.items() if v is not None})}"

    def token_answer(self, request):
        form = request.form
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            if asked is None or not same_challenge(asked, form):
                return Answer({"error": "invalid_grant"}, 400)
            return Answer(self.tokens(nonce=asked["nonce"]))
        with self.lock:
            known = self.refresh_tokens.pop(form["refresh_token"], None)
        if known is None:
            return Answer({"error": "invalid_grant"}, 400)
        return Answer(self.tokens(auth_time=known))

    def tokens(self, nonce=None, auth_time=None):
        with self.lock:
            self.issued += 1
            number = self.issued
        auth_time = auth_time or int(time.time())
        found = {
            "token_type": "Bearer",
            "access_token": f"access-{number}",
            "expires_in": self.expires_in,
            "id_token": self.id_token(nonce=nonce, access_token=f"access-{number}", auth_time=auth_time),
        }
        if self.issue_refresh_token:
            found["refresh_token"] = f"refresh-{number}"
            self.refresh_tokens[f"refresh-{number}"] = auth_time
        return found

    def id_token(self, access_token="", nonce=None, alg="RS256", key=None, header=None, **claims):
        now = int(time.time())
        usual = {"iss": self.url, "aud": "rp", "sub": self.sub, "iat": now, "exp": now + 300, "nonce": nonce}
        if access_token:
            usual["at_hash"] = left_hash(access_token, alg)
        return signed(key or self.keys[-1], usual | claims | self.claims, alg, header or {})

    def logout_token(self, key=None, alg="RS256", header=None, **claims):
        """Return a logout token of the session "s1"; a claim that is None is left out."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": "rp", "iat": now, "exp": now + 120, "jti": uuid4().hex, "sid": "s1"}
        return signed(
            key or self.keys[-1], usual | {"events": {LOGOUT_EVENT: {}}} | claims, alg, LOGOUT_TYPE | (header or {})
        )


class Answer:
    def __init__(self, body="", status=200, headers=None, wait=None):
        self.content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.status = status
        self.headers = headers or {}
        self.wait = wait


class Request:
    """What the provider was asked."""

    def __init__(self, handler):
        parts = urlsplit(handler.path)
        self.path, self.query, self.address = parts.path, parts.query, handler.path
        self.headers = handler.headers
        length = int(handler.headers.get("Content-Length") or 0)
        self.form = dict(parse_qsl(handler.rfile.read(length).decode(), keep_blank_values=True))

    @property
    def basic(self):
        """The client's id and secret, as Basic authentication has them."""
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return tuple(map(unquote, b64decode(value).decode().split(":"))) if scheme == "Basic" else None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = self.server.provider.answer(Request(self))
        if answer.wait:
            answer.wait(self)
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_GET

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that has gone away is no error here."""


@contextmanager
def running_provider():
    server = Server(("127.0.0.1", 0), Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def same_challenge(asked, form):
    return asked["code_challenge_method"] == "S256" and asked["code_challenge"] == s256(form["code_verifier"])


@cache
def first_key():
    return new_key("first")


def new_key(kid, kty="RSA"):
    parameters = {"RSA": {"size": 2048}, "EC": {"crv": "P-256"}, "OKP": {"crv": "Ed25519"}}[kty]
    return jwk.JWK.generate(kty=kty, kid=kid, use="sig", **parameters)


def signed(key, claims, alg="RS256", header=None):
    header = {"alg": alg, "kid": key.get("kid")} | (header or {})
    token = jwt.JWT(
        header={name: value for name, value in header.items() if value is not None},
        claims={name: value for name, value in claims.items() if value is not None},
        algs=[alg],
    )
    token.make_signed_token(key)
    return token.serialize()
