"""Settings of the server: its address and its limits."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

MIN_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Sizes in bytes, times in seconds. Each limit bounds the cost of one client for the others.

    The descriptor limit of the process, less `reserved_descriptors` (database, broker, log files), bounds
    `max_connections` too. `forwarded_hops` is the number of your own proxies in front of the server: it trusts that
    many entries from the right of X-Forwarded-For.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    max_connections: int = 1000
    reserved_descriptors: int = 64
    max_head: int = 32 * 1024
    max_headers: int = 100
    max_target: int = 8 * 1024
    max_body: int = 256 * 1024
    max_line: int = 64 * 1024
    max_json_depth: int = 64
    idle_timeout: float = 30.0
    """Longest wait for the first byte of a request."""
    head_timeout: float = 10.0
    """Longest time from the first byte of a request to the end of its head."""
    body_timeout: float = 30.0
    """Longest time from the first read of a body to its end."""
    stream_timeout: float = 60.0
    """Longest pause inside a streamed body."""
    write_timeout: float = 30.0
    """Longest time for a client to read 64 KiB of a response."""
    grace: float = 10.0
    """Longest time for requests in flight after the service begins to stop."""
    forwarded_hops: int = 0

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
        shortest = min(self.idle_timeout, self.head_timeout, self.body_timeout, self.stream_timeout, self.write_timeout)
        return min(1.0, max(0.02, shortest / 4))


_MAY_BE_ZERO = {"port", "reserved_descriptors", "grace", "forwarded_hops"}
_NUMBERS = tuple(field.name for field in fields(WebSettings) if field.type in ("int", "float"))
