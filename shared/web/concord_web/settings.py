"""What the server listens on and the limits it keeps."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

FEWEST_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Sizes are bytes, times seconds. Every limit bounds what one client can cost the others.

    `max_connections` is lowered to what the process's descriptor limit leaves after
    `reserved_descriptors` (database, broker, log files).
    `forwarded_hops` is how many of our own proxies stand in front: that many entries, counted from the
    right of X-Forwarded-For, are believed.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    ops_token: str | None = field(default=None, repr=False)
    max_connections: int = 1000
    reserved_descriptors: int = 64
    max_head: int = 32 * 1024
    max_headers: int = 100
    max_target: int = 8 * 1024
    max_body: int = 256 * 1024
    max_line: int = 64 * 1024
    max_json_depth: int = 64
    idle_timeout: float = 30.0
    """Between requests on a connection that is kept alive; and before the first byte."""
    head_timeout: float = 10.0
    """From the first byte of a request to the end of its headers."""
    body_timeout: float = 30.0
    """From the first read of a body to its end."""
    stream_timeout: float = 60.0
    """Longest silence inside a body that is read as lines."""
    write_timeout: float = 30.0
    """Longest time a client may take to read 64 KiB of an answer."""
    grace: float = 10.0
    """How long requests in flight may go on once the service is asked to stop."""
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
        """Read `config["web"]`; a name that is not a setting raises ValueError naming it."""
        given = dict(config.get("web") or {})
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"unknown web setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return cls(**given)

    def connection_cap(self) -> int:
        """Connections held at once: the setting, or what the descriptor limit leaves if that is less."""
        soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.max_connections
        return max(FEWEST_CONNECTIONS, min(self.max_connections, soft - self.reserved_descriptors))

    def tick(self) -> float:
        """How often deadlines are looked at: a quarter of the shortest, between 20 ms and 1 s."""
        shortest = min(self.idle_timeout, self.head_timeout, self.body_timeout, self.stream_timeout, self.write_timeout)
        return min(1.0, max(0.02, shortest / 4))


_MAY_BE_ZERO = {"port", "reserved_descriptors", "grace", "forwarded_hops"}
_NUMBERS = tuple(each.name for each in fields(WebSettings) if each.type in ("int", "float"))
