"""The address that stands for one client: the unit of its share of connections and of its limits."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

IPV6_PREFIX = 64
"""Bits of an IPv6 address that name one client: a home or an office has all addresses of such a network."""
_HOST_BITS = 128 - IPV6_PREFIX


def forwarded_peer(peer: str, forwarded_for: str, hops: int) -> str:
    """Return the client's address: of X-Forwarded-For the entry that the first of `hops` own proxies wrote.

    Without proxies or without the header it is `peer`, the address of the connection.
    """
    entries = [entry for part in forwarded_for.split(",") if (entry := part.strip())] if hops else []
    return entries[-min(hops, len(entries))] if entries else peer


def client_of(address: str) -> str:
    """Return the client that the address belongs to: an IPv4 address, or the network of an IPv6 address.

    A text that is no IP address stands for itself.
    """
    try:
        parsed = ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _HOST_BITS << _HOST_BITS)}/{IPV6_PREFIX}"
