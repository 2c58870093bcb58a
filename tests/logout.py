"""A client's view of the logout endpoint: hints, requests, and the person's answers."""

import html
import re
import time

from jwcrypto import jwk, jwt
from jwcrypto.common import base64url_encode
from oauth2_provider.utils import jwk_from_pem

from oidc_session.models import OPSession, RPSession
from tests.keys import rsa_pem
from tests.oidc import authorize

LOGOUT = "/o/logout/"
ISSUER = "http://testserver/o"
HOME = "http://testserver/"
BACK = "https://rp.example/bye"
BACK_WITH_QUERY = "https://rp.example/bye?page=1%202&x={a}|b"
NATIVE = "my.app:/bye"
SECRET = "a client secret of 32 bytes or more"
REGISTERED = (BACK, BACK_WITH_QUERY, NATIVE)


def join(client, client_id="sample rp"):
    """Let an application join the session of a browser."""
    authorize(client, client_id=client_id)
    return RPSession.objects.filter(application__client_id=client_id).latest("pk")


def hint_of(rp_session, **changes):
    claims = {"sub": str(rp_session.op_session.user_id), "aud": rp_session.application.client_id, "sid": rp_session.sid}
    return hint(**(claims | changes))


def hint(key=None, alg="RS256", typ="JWT", **changes):
    """Return an ID token; a claim of None is left out."""
    claims = {"iss": ISSUER, "sub": "1", "aud": "sample rp", "exp": int(time.time()) + 60} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    key = key or jwk_from_pem(rsa_pem())
    token = jwt.JWT(header={"alg": alg, "typ": typ}, claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def secret_key(secret=SECRET):
    return jwk.JWK(kty="oct", k=base64url_encode(secret))


def log_out(client, **parameters):
    return client.get(LOGOUT, parameters)


def hidden_fields(response):
    """Return what a browser would send of the question's form, without an answer."""
    inputs = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', response.content.decode())
    return {name: html.unescape(value) for name, value in inputs}


def is_question(response):
    return response.status_code == 200 and "allow" in response.content.decode()


def answer(client, question, url=LOGOUT, **buttons):
    return client.post(url, hidden_fields(question) | buttons)


def is_signed_in(client):
    return client.get("/person/").content != b"nobody"


def live_sessions():
    return set(OPSession.objects.live())
