"""A provider that says of anybody what it is told to: discovery, keys and tokens, without pages."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from jwcrypto import jwk, jwt

from tests.keys import rsa_pem

KEY = jwk.JWK.from_pem(rsa_pem().encode())


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://localhost:{self.server_port}"

    def metadata(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def claims(self, **changes):
        now = int(time.time())
        valid = {"iss": self.issuer, "aud": "sample-rp", "iat": now, "exp": now + 120}
        return {name: value for name, value in (valid | changes).items() if value is not None}

    def tokens(self, code):
        """Answer the code: the claims that its ID token shall have, as JSON."""
        token = signed(self.claims(**json.loads(code)))
        return {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": token}


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self):
        keys = {"keys": [KEY.export_public(as_dict=True)]}
        self.answer({"/jwks": keys}.get(self.path, self.server.metadata()))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer(self.server.tokens(form["code"][0]))

    def answer(self, document):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *args):
        pass


def signed(claims, key=KEY, **header):
    header = {"alg": "RS256", "kid": KEY.kid} | header
    token = jwt.JWT(header={name: value for name, value in header.items() if value is not None}, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


@contextmanager
def provider():
    double = Provider()
    thread = threading.Thread(target=double.serve_forever)
    thread.start()
    try:
        yield double
    finally:
        double.shutdown()
        thread.join()
        double.server_close()
