"""Settings of the server: its address and its limits."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

MIN_CONNECTIONS = 8
CLIENT_CONNECTIONS = 100
"""The most connections of one client at once, unless a setting says otherwise."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Sizes in bytes, times in seconds. Each limit bounds the cost of one client for the others.

    A client is an IPv4 address or a /64 network of IPv6. `max_connections_per_client` is its share of the connections;
    behind `forwarded_hops` proxies the server counts requests instead. At most `max_streams` streamed bodies arrive at
    once without a login, `max_streams_per_client` of them from one client, and as many again with a login.

    The descriptor limit of the process, less `reserved_descriptors` (database, broker, log files), bounds
    `max_connections` too. `forwarded_hops` is the number of your own proxies in front of the server: it trusts that
    many entries from the right of X-Forwarded-For. Pages of `cors_origins`, such as https://www.city.example.org,
    may use the routes that are open to other sites.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    max_connections: int = 1000
    max_connections_per_client: int = CLIENT_CONNECTIONS
    max_streams: int = 32
    max_streams_per_client: int = 4
    reserved_descriptors: int = 64
    max_head: int = 32 * 1024
    max_headers: int = 100
    max_target: int = 8 * 1024
    max_body: int = 256 * 1024
    max_line: int = 64 * 1024
    max_stream: int = 1024 * 1024 * 1024
    max_json_depth: int = 64
    idle_timeout: float = 30.0
    """Longest wait for the first byte of a request."""
    head_timeout: float = 10.0
    """Longest time from the first byte of a request to the end of its head."""
    body_timeout: float = 30.0
    """Longest time from the first read of a body to its end."""
    stream_timeout: float = 60.0
    """Longest pause between two lines of a streamed body."""
    line_timeout: float = 20.0
    """Longest time from the first byte of a streamed line to its end."""
    write_timeout: float = 30.0
    """Longest time for a client to read 64 KiB of a response."""
    grace: float = 10.0
    """Longest time for requests in flight after the service begins to stop."""
    forwarded_hops: int = 0
    cors_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"web setting {name} must be a number, not {value!r}")
            if value < 0 or (value == 0 and name not in _MAY_BE_ZERO):
                raise ValueError(f"web setting {name} must be more than 0, not {value!r}")
        if self.port > 65535:
            raise ValueError(f"web setting port must be 0 to 65535, not {self.port}")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> WebSettings:
        """Read `config["web"]`. Raises ValueError naming an unknown or invalid setting."""
        given = dict(config.get("web") or {})
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"unknown web setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return cls(**given)

    def connection_cap(self) -> int:
        """Return the most connections at once: the setting, or fewer if the descriptor limit is lower."""
        soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.max_connections
        return max(MIN_CONNECTIONS, min(self.max_connections, soft - self.reserved_descriptors))

    def tick(self) -> float:
        """Return the seconds between checks of the deadlines: a quarter of the shortest, from 0.02 to 1."""
        waits = (self.idle_timeout, self.head_timeout, self.body_timeout, self.stream_timeout, self.line_timeout)
        return min(1.0, max(0.02, min(*waits, self.write_timeout) / 4))


_MAY_BE_ZERO = {"port", "reserved_descriptors", "grace", "forwarded_hops"}
_NUMBERS = tuple(field.name for field in fields(WebSettings) if field.type in ("int", "float"))
