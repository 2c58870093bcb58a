"""Which addresses the provider may connect to on behalf of an application.

The lists are ours rather than `ipaddress`'s own: `is_global` differs between the releases of Python 3.11 to 3.13.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from oidc_session.origins import origin_of

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*(?![0-9]+$)[a-z0-9_-]{1,63}")  # No top-level name is a number.
NO_NAME = re.compile(r"[\s/?#@:%\\]")


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, texts))


GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")
SPECIAL = _networks(  # The special-purpose registries of the IANA, and multicast.
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",  # Shared by a provider's customers (RFC 6598).
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",  # Documentation, as are 198.51.100.0/24 and 203.0.113.0/24.
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",  # Teredo and others, which lead elsewhere.
    "2001:db8::/32",
    "2002::/16",  # 6to4: leads to any IPv4 address.
    "3fff::/20",
)
METADATA = _networks(  # Where clouds hand out credentials, outside the link-local networks.
    "100.100.100.200/32",
    "168.63.129.16/32",
    "fd00:ec2::/32",
    "fd20:ce::254/128",
)
PRIVATE = _networks(  # What an allowed host name opens.
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
)
LOOPBACK = ["127.0.0.1", "::1"]


def is_permitted(address: str, allowed: Sequence[str], *, is_named: bool) -> bool:
    """Whether an address may be connected to, given the allow-list and whether it names the host, see is_named()."""
    meant = _meant(address)
    return (
        _is_public(meant)
        or (is_named and _is_in(meant, PRIVATE) and not _is_in(meant, METADATA))
        or _is_in(meant, tuple(filter(None, map(_network, allowed))))
    )


def is_named(host: str, allowed: Sequence[str]) -> bool:
    """Whether the allow-list has the host's name, or a pattern for all names below one: `*.internal`."""
    name = host.removesuffix(".").lower()
    patterns = filter(None, map(_pattern, allowed))
    return any(name == pattern or (pattern[0] == "*" and name.endswith(pattern[1:])) for pattern in patterns)


def is_well_formed(entry: object) -> bool:
    """Whether something can be an entry of the allow-list: a host name, a pattern, a network or an address."""
    return _network(entry) is not None or bool(_pattern(entry))


def addresses_without_dns(host: str) -> list[str]:
    """Return what a host is whoever resolves it: an address in any spelling that C knows, or localhost."""
    name = host.strip("[]").removesuffix(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return LOOPBACK
    try:
        return [str(ip_address(name))]
    except ValueError:
        return _in_other_spelling(name)


def _in_other_spelling(host: str) -> list[str]:
    """Return the IPv4 address of 127.1, 0x7f000001 or 017700000001."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except (OSError, ValueError):
        return []


def _meant(address: str) -> Address:
    """Return an address without its zone, and the IPv4 address where IPv6 is only its wrapping."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip in NAT64):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _is_public(ip: Address) -> bool:
    return (ip.version == 4 or ip in GLOBAL_UNICAST) and not _is_in(ip, SPECIAL + METADATA)


def _is_in(ip: Address, networks: Sequence[Network]) -> bool:
    return any(ip in network for network in networks)


def _network(entry: object) -> Network | None:
    try:
        return ip_network(entry) if isinstance(entry, str) else None
    except ValueError:
        return None


def _pattern(entry: object) -> str:
    """Return a host name or a pattern spelt as in origins, and nothing for any other entry."""
    if not isinstance(entry, str) or NO_NAME.search(entry):
        return ""
    prefix = "*." if entry.startswith("*.") else ""
    origin = origin_of(f"https://{entry.removeprefix(prefix)}") or ""
    name = origin.removeprefix("https://").removesuffix(".")
    return prefix + name if NAME.fullmatch(name) else ""
