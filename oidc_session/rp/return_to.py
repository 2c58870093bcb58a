"""Where a person goes after a login: a path of this site, and nothing that a browser could take for another."""

import logging
import unicodedata
from urllib.parse import unquote

from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from oidc_session.rp.conf import conf

logger = logging.getLogger(__name__)

APP_NAME = "oidc_session_rp"
LONGEST = 2000
SLASHES = "/\\\u2044\u2215\u2216\u2571\u2572\u27cb\u27cd\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c"
"""A slash, a backslash, and what looks like one."""


def safe_path(address: str) -> str:
    """Return the address if it is a path of this site, and home otherwise."""
    if not address:
        return conf.home
    if reason := _objection(address):
        logger.warning("Return address refused reason=%s", reason)
        return conf.home
    return iri_to_uri(address)


def _objection(address: str) -> str:
    """Return what is wrong with an address; nothing if it is fine."""
    if len(address) > LONGEST:
        return "too_long"
    for form in _forms_of(address):
        if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in form):
            return "control_character"
        if not _is_path(form):
            return "not_a_path"
    return "own_view" if _is_ours(address) else ""


def _is_path(address: str) -> bool:
    one_slash = address.startswith("/") and address[1:2] not in tuple(SLASHES)
    return one_slash and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def _forms_of(address: str) -> list[str]:
    """Return an address as it is, with its path decoded as often as it goes, and with its look-alikes made plain."""
    path, forms = address.partition("?")[0], [address]
    while (decoded := unquote(path)) != path:
        forms.append(path := decoded)
    return forms + [unicodedata.normalize("NFKC", form) for form in forms]


def _is_ours(address: str) -> bool:
    """Whether it is one of our own views, which would start a login again."""
    path = unquote(address.partition("?")[0].partition("#")[0])
    try:
        return APP_NAME in resolve("/" + path.removeprefix(get_script_prefix()).lstrip("/")).app_names
    except Resolver404:
        return False
