"""The origin of a URI as browsers serialise it in `event.origin`: RFC 6454 and the WHATWG URL Standard."""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import SplitResult, unquote, urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}
AUTHORITY = re.compile(r"(?:[^\\]*@)?(\[[0-9A-Fa-f:.]+\]|[^:\[\]\\]+)(?::[0-9]*)?")
DOMAIN = re.compile(r"[^\0-\x20\x7f#%/:<>?@\[\\\]^|]+")  # The standard's "forbidden domain code points".


@lru_cache(maxsize=1024)
def origin_of(uri: str) -> str | None:
    """Return the serialised origin of an absolute http or https URI.

    None for any other scheme, which has no origin that a web page could have, and for a URI that cannot be
    parsed.
    """
    try:
        parts = urlsplit(uri)
        default_port = DEFAULT_PORTS.get(parts.scheme)
        authority = AUTHORITY.fullmatch(parts.netloc)  # parts.hostname lowers Σ as no browser does.
        if default_port is None or authority is None:
            return None
        host = _host(authority[1])
        port = parts.port
    except ValueError:
        return None
    return f"{parts.scheme}://{host}" if port in (None, default_port) else f"{parts.scheme}://{host}:{port}"


def _host(host: str) -> str:
    if host.startswith("["):
        return f"[{_ipv6(IPv6Address(host[1:-1]))}]"
    domain = idna.uts46_remap(unquote(host, errors="strict"), std3_rules=False)
    if not DOMAIN.fullmatch(domain):
        raise ValueError(f"{domain!r} is not a domain.")
    return ".".join(map(_label, domain.split(".")))


def _label(label: str) -> str:
    """Return the label in ASCII, as lenient as browsers: `idna.encode` refuses emoji and underscores."""
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _ipv6(address: IPv6Address) -> str:
    if address.ipv4_mapped:  # Python 3.13 writes these as ::ffff:192.0.2.1, browsers as ::ffff:c000:201.
        mapped = int(address.ipv4_mapped)
        return f"::ffff:{mapped >> 16:x}:{mapped & 0xFFFF:x}"
    return address.compressed


def same_site(one: str, other: str) -> bool:
    """Whether browsers take two origins for one site: the same scheme, and one registrable domain.

    Without the public suffix list this is a good guess: a domain is taken to be registered below `com`, and
    below `co.uk`.
    """
    first, second = urlsplit(one), urlsplit(other)
    return first.scheme == second.scheme and _registrable(first) == _registrable(second)


def _registrable(origin: SplitResult) -> str:
    host = origin.hostname or ""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    below_country = len(labels[-1]) == 2 and len(labels) > 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if below_country else -2 :])
