"""What proxies do wrong, with the check that finds it and a part of the line that mends it."""

import gzip
import json
import time
from email.utils import formatdate

IFRAME = "/o/check-session-iframe/"
AUTHORIZE = "/o/authorize/"
DISCOVERY = "/o/.well-known/openid-configuration"
KEYS = "/o/.well-known/jwks.json"
STATUS = "/o/session-status/"


def at(path, *changes):
    """Return a mistake of the proxy at one address."""

    def change(answer):
        if answer.path == path:
            for step in changes:
                step(answer)

    return change


def adds(name, value):
    return lambda answer: answer.add(name, value)


def drops(*names):
    return lambda answer: answer.drop(*names)


def replaces(name, old, new):
    return lambda answer: answer.replace(name, old, new)


def says(status, body=b"", **headers):
    def change(answer):
        answer.status, answer.body = status, body
        answer.headers = list(headers.items())

    return change


def edits(**members):
    """Return a step that changes members of a JSON document; None takes one out."""

    def change(answer):
        document = json.loads(answer.body) | members
        answer.body = json.dumps({name: value for name, value in document.items() if value is not None}).encode()

    return change


def injects(answer):
    answer.body = answer.body.replace(b"</body>", b"<script src='/analytics.js'></script></body>") + b" "


def lies_about_compression(answer):
    answer.add("Content-Encoding", "gzip")


def compresses(answer):
    answer.body = gzip.compress(answer.body)
    answer.add("Content-Encoding", "gzip")


OF_THE_PROXY = {
    "adds X-Frame-Options": (at(IFRAME, adds("X-Frame-Options", "SAMEORIGIN")), "iframe framing", "proxy_hide_header"),
    "adds frame-ancestors": (
        at(IFRAME, adds("Content-Security-Policy", "frame-ancestors 'self'")),
        "iframe framing",
        "without add_header Content-Security-Policy",
    ),
    "puts a policy in place of ours": (
        at(IFRAME, drops("content-security-policy"), adds("Content-Security-Policy", "script-src 'self'")),
        "iframe framing",
        "without add_header Content-Security-Policy",
    ),
    "drops CORP and COEP": (
        at(IFRAME, drops("cross-origin-resource-policy", "cross-origin-embedder-policy")),
        "iframe isolation",
        "Cross-Origin-Resource-Policy: cross-origin",
    ),
    "injects a script": (at(IFRAME, injects), "iframe document", "Rocket Loader off"),
    "lets nobody keep the iframe": (
        at(IFRAME, drops("cache-control"), adds("Cache-Control", "no-store")),
        "iframe caching",
        "without expires",
    ),
    "adds a sticky cookie": (at(IFRAME, adds("Set-Cookie", "node=1")), "iframe caching", "set no cookie"),
    "varies by cookie": (at(IFRAME, adds("Vary", "Cookie")), "iframe caching", "set no cookie"),
    "does not know the iframe": (at(IFRAME, says(404)), "iframe", f"hand on {IFRAME}"),
    "asks for a login before the iframe": (
        at(IFRAME, says(302, Location="https://gateway.example/")),
        "iframe",
        "without a login page",
    ),
    "serves the iframe as text": (
        at(IFRAME, drops("content-type"), adds("Content-Type", "text/plain")),
        "iframe",
        f"hand on {IFRAME}",
    ),
    "says gzip where there is none": (at(IFRAME, lies_about_compression), "iframe", "gzip off"),
    "keeps the status": (at(STATUS, says(204, **{"Cache-Control": "max-age=60"})), "status request", STATUS),
    "strips SameSite": (at(AUTHORIZE, replaces("set-cookie", "SameSite=None", "")), "cookie", "proxy_cookie_flags"),
    "makes the cookie lax": (at(AUTHORIZE, replaces("set-cookie", "None", "Lax")), "cookie", "SameSite=None"),
    "adds HttpOnly": (at(AUTHORIZE, replaces("set-cookie", "Secure", "Secure; HttpOnly")), "cookie", "HttpOnly"),
    "strips Secure": (at(AUTHORIZE, replaces("set-cookie", "Secure", "")), "cookie", "SECURE_PROXY_SSL_HEADER"),
    "moves the path": (
        at(AUTHORIZE, replaces("set-cookie", "Path=/", "Path=/app")),
        "cookie",
        'SESSION_COOKIE_PATH = "/"',
    ),
    "moves the domain": (
        at(AUTHORIZE, replaces("set-cookie", "Path=/", "Path=/; Domain=inside.example")),
        "cookie",
        "SESSION_COOKIE_DOMAIN = None",
    ),
    "drops cookies": (at(AUTHORIZE, drops("set-cookie")), "cookie", "SessionManagementMiddleware"),
    "asks for a login before the authorization endpoint": (
        at(AUTHORIZE, says(302, Location="https://gateway.example/")),
        "session state",
        f"hand on {AUTHORIZE}",
    ),
    "takes session_state away": (
        at(AUTHORIZE, replaces("location", "session_state", "session")),
        "session state",
        "AuthorizationMixin",
    ),
    "rewrites the issuer": (at(DISCOVERY, edits(issuer="https://inside/o")), "issuer", "OIDC_ISS_ENDPOINT"),
    "does not know discovery": (at(DISCOVERY, says(404)), "discovery", "oidc_session.urls"),
    "answers discovery with a page": (at(DISCOVERY, says(200, b"<p>Hello")), "discovery", "oidc_session.urls"),
    "answers discovery with a list": (at(DISCOVERY, says(200, b"[]")), "discovery", "oidc_session.urls"),
    "keeps an old discovery document": (
        at(DISCOVERY, edits(check_session_iframe=None, backchannel_logout_supported="true")),
        "metadata members",
        "empty the cache",
    ),
    "has no iframe's URL": (at(DISCOVERY, edits(check_session_iframe=None)), "iframe", "empty the cache"),
    "lets the keys be old": (at(KEYS, edits(keys=[{"kid": "old"}, "no key"])), "keys", "OIDC_RSA_PRIVATE_KEY"),
    "publishes what is no list of keys": (at(KEYS, edits(keys={})), "keys", "OIDC_RSA_PRIVATE_KEY"),
    "publishes a private key": (at(KEYS, edits(keys=[{"kid": "a", "d": "secret"}])), "keys", "openssl genrsa"),
    "has a wrong clock": (
        at(DISCOVERY, drops("date"), adds("Date", formatdate(time.time() - 300, usegmt=True))),
        "clock",
        "timedatectl",
    ),
    "knows no other metadata": (
        lambda answer: says(404)(answer) if "oauth-authorization-server" in answer.path else None,
        "server metadata",
        "metadata_urlpatterns",
    ),
    "has other metadata of another issuer": (
        at("/.well-known/oauth-authorization-server/o", edits(issuer="https://inside/o")),
        "server metadata",
        "X-Forwarded-Proto",
    ),
}
