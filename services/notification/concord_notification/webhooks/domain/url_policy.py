"""Where a webhook may go. Whoever may name a URL must not reach through us what lies inside the city's network."""

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

LONGEST_URL = 2000
HTTPS_PORTS = (443, 8443)
DEFAULT_PORTS = {"https": 443, "http": 80}
MOST_ADDRESSES = 4
"""As many of a host's addresses are tried."""

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RELAYS = ipaddress.ip_network("192.88.99.0/24")


class Refused(ValueError):
    """Nothing may be sent there. The text says why and what would do."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was judged; `path` with its query. `internal` hosts were named by the city's own settings."""

    scheme: str
    host: str
    port: int
    path: str
    internal: bool

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(url: str, internal_hosts: Collection[str] = ()) -> Target:
    """The target of a URL. Raises Refused.

    https to a name on a usual port; an internal host may have any port, plain http, and be an address.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or any(each in url for each in ' \\"<>'):
        raise Refused(f"must be at most {LONGEST_URL} plain ASCII characters, without spaces and backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("cannot be read as a URL") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise Refused("must look like https://host/path")
    if "@" in parts.netloc or "#" in url:
        raise Refused("must hold no user, password or fragment")
    internal = host in internal_hosts
    if not internal:
        _judge_outside(parts.scheme, host, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port, path, internal)


def _judge_outside(scheme: str, host: str, port: int | None) -> None:
    if scheme != "https":
        raise Refused("must be https")
    if not _NAME.fullmatch(host) or not re.search("[a-z]", host.rpartition(".")[2]):
        raise Refused("must name a host such as hooks.example.org; no address, no number, no name without a dot")
    if port is not None and port not in HTTPS_PORTS:
        raise Refused(f"must use port {' or '.join(map(str, HTTPS_PORTS))}")


def judged(addresses: Sequence[str], *, internal: bool) -> list[str]:
    """The addresses to try, in order. Raises Refused when there is none or one of them is not allowed.

    One forbidden address condemns all: a host on the Internet has no business naming a private address.
    """
    if not addresses:
        raise Refused("has no address")
    if not all(_permitted(each, internal=internal) for each in addresses):
        raise Refused("has an address that is not on the public Internet")
    return list(dict.fromkeys(addresses))[:MOST_ADDRESSES]


def _permitted(text: str, *, internal: bool) -> bool:
    if "%" in text:  # an interface of ours
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return _inside(address) if internal else _outside(address)


def _inside(address: IPv4Address | IPv6Address) -> bool:
    """For a host that was named: anything but what no host is reached by, and link-local, where clouds keep secrets."""
    plain = _embedded(address) or address
    return not (plain.is_multicast or plain.is_unspecified or plain.is_link_local)


def _outside(address: IPv4Address | IPv6Address) -> bool:
    """Global unicast. Python's `is_global` lets multicast, 6to4, NAT64 and old relays pass."""
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is not None:
            return _outside(embedded)
        return address in _UNICAST and address.is_global and address.sixtofour is None and address.teredo is None
    return address.is_global and not address.is_multicast and address not in _RELAYS


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped (::ffff:0:0/96) or by NAT64 (64:ff9b::/96)."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
