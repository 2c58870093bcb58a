"""Where a request to an application's URI goes: by the host map, and to which addresses."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from oidc_session.conf import conf
from oidc_session.origins import DEFAULT_PORTS, origin_of
from oidc_session.private_addresses import addresses_without_dns, is_named, is_permitted


@dataclass(frozen=True)
class Target:
    """The origin of a URI, and the one to connect to, which the operator may have mapped it to."""

    public_origin: str
    origin: str

    @property
    def public_authority(self) -> str:
        return urlsplit(self.public_origin).netloc

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_origin).hostname or ""

    @property
    def is_tls(self) -> bool:
        return self.origin.startswith("https:")

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.origin)
        return DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port

    def permits(self, address: str) -> bool:
        """Whether an address that the host turned out to have may be connected to."""
        allowed = conf.BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS
        is_mapped = self.origin != self.public_origin  # The operator's own choice: as good as a name in the list.
        return is_permitted(address, allowed, is_named=is_mapped or is_named(self.host, allowed))


def target_of(uri: str) -> Target:
    """Return where a request to a URI goes; ValueError for a URI, or a mapped one, that has no origin."""
    public_origin = origin_of(uri)
    origin = _host_map().get(public_origin, public_origin)
    if public_origin is None or origin is None:
        raise ValueError("there is no host to connect to")
    return Target(public_origin, origin)


def is_refused_for_certain(uri: str) -> bool:
    """Whether no request to a URI gets past the guard, as far as can be told without asking DNS."""
    try:
        target = target_of(uri)
    except ValueError:
        return False  # Nothing to refuse: it is no URI to send anything to.
    known = addresses_without_dns(target.host)
    return bool(known) and not any(map(target.permits, known))


def _host_map() -> dict[str | None, str | None]:
    return {origin_of(public): origin_of(internal) for public, internal in conf.BACKCHANNEL_LOGOUT_HOST_MAP.items()}
