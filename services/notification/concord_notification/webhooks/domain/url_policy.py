"""The URL policy: the hosts and addresses that webhooks may use.

It keeps a webhook URL from reaching the inside of the city's network through Concord (SSRF).
"""

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from concord_contracts.mail_address import ascii_domain

MAX_URL_LENGTH = 2000
HTTPS_PORTS = (443, 8443)
DEFAULT_PORTS = {"https": 443, "http": 80}
MAX_ADDRESSES = 4
"""The number of a host's addresses that an attempt tries."""

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RELAYS = ipaddress.ip_network("192.88.99.0/24")


class UrlRefused(ValueError):
    """The policy forbids the URL or its address. The text completes "The URL …" and says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """A valid URL in parts; `path` includes the query. `internal` hosts are those of the city's own settings."""

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


def parse_url(url: str, internal_hosts: Collection[str] = ()) -> Target:
    """Return the target of a URL. Raises UrlRefused.

    A public host needs https, a name and a usual port. An internal host may have any port, plain http, and an address
    in place of a name.
    """
    if not url.isascii():
        raise UrlRefused(f"must be ASCII; {_ascii_remedy(url)}")
    if len(url) > MAX_URL_LENGTH or not url.isprintable() or any(char in url for char in ' \\"<>'):
        raise UrlRefused(f"must be at most {MAX_URL_LENGTH} characters, without spaces, quotes and backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UrlRefused("is not a valid URL; write it like https://host/path") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise UrlRefused("must look like https://host/path")
    if "@" in parts.netloc or "#" in url:
        raise UrlRefused("must not contain a user, password or fragment")
    internal = host in internal_hosts
    if not internal:
        _check_public(parts.scheme, host, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port, path, internal)


def _ascii_remedy(url: str) -> str:
    """Return what to write instead: the host by IDNA 2008, percent escapes in the path."""
    try:
        host = urlsplit(url).hostname or ""
        if not host.isascii():
            return f"write the host as {ascii_domain(host)}"
    except ValueError:
        return "write the host in its ASCII form, which begins with xn--"
    return "write other characters of the path as percent escapes, such as %C3%B1"


def _check_public(scheme: str, host: str, port: int | None) -> None:
    if scheme != "https":
        raise UrlRefused("must be https")
    if not _NAME.fullmatch(host) or not re.search("[a-z]", host.rpartition(".")[2]):
        raise UrlRefused("must name a host such as hooks.example.org, not an address or a name without a dot")
    if port is not None and port not in HTTPS_PORTS:
        raise UrlRefused(f"must use port {' or '.join(map(str, HTTPS_PORTS))}")


def allowed_addresses(addresses: Sequence[str], *, internal: bool) -> list[str]:
    """Return the addresses to try, in order. Raises UrlRefused for none, or for one that is not allowed.

    One forbidden address excludes all: a public host has no reason to name a private address.
    """
    if not addresses:
        raise UrlRefused("has no address")
    if not all(_is_allowed(address, internal=internal) for address in addresses):
        raise UrlRefused("has an address that is not on the public Internet")
    return list(dict.fromkeys(addresses))[:MAX_ADDRESSES]


def _is_allowed(text: str, *, internal: bool) -> bool:
    if "%" in text:  # a network interface of this machine
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return _is_host(address) if internal else _is_public(address)


def _is_host(address: IPv4Address | IPv6Address) -> bool:
    """Any address of a host except link-local ones, where clouds serve secrets."""
    plain = _embedded(address) or address
    return not (plain.is_multicast or plain.is_unspecified or plain.is_link_local)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Global unicast. Python's `is_global` also accepts multicast, 6to4, NAT64 and old relays."""
    if isinstance(address, IPv6Address):
        embedded = _embedded(address)
        if embedded is not None:
            return _is_public(embedded)
        return address in _UNICAST and address.is_global and address.sixtofour is None and address.teredo is None
    return address.is_global and not address.is_multicast and address not in _RELAYS


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96)."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
