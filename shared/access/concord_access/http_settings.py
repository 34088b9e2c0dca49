"""The HTTP server's settings from the environment of a service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_bus.settings import SettingsError, int_setting
from concord_web.cors import read_origin
from concord_web.settings import CLIENT_CONNECTIONS as DEFAULT_SHARE

HOST = "CONCORD_HTTP_HOST"
PORT = "CONCORD_HTTP_PORT"
FORWARDED_HOPS = "CONCORD_HTTP_FORWARDED_HOPS"
CLIENT_CONNECTIONS = "CONCORD_HTTP_CLIENT_CONNECTIONS"
CORS_ORIGINS = "CONCORD_HTTP_CORS_ORIGINS"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The address of the server, and how it tells clients apart.

    `forwarded_hops` is the number of your own proxies in front of it. `client_connections` is the most connections of
    one client at once. `cors_origins` are the sites whose pages may use the routes for residents.
    """

    host: str
    port: int
    forwarded_hops: int = 0
    client_connections: int = DEFAULT_SHARE
    cors_origins: tuple[str, ...] = ()

    @classmethod
    def from_env(cls, env: Mapping[str, str], default_port: int) -> "HttpSettings":
        """Read the settings. Raises SettingsError, which names the wrong variable."""
        return cls(
            _host(env.get(HOST, "").strip()) or "127.0.0.1",
            int_setting(env, PORT, default_port, minimum=0),
            int_setting(env, FORWARDED_HOPS, 0, minimum=0),
            int_setting(env, CLIENT_CONNECTIONS, DEFAULT_SHARE, minimum=1),
        )

    def config(self) -> dict[str, Any]:
        """Return the entry `web` of a container's config."""
        return {
            "host": self.host,
            "port": self.port,
            "forwarded_hops": self.forwarded_hops,
            "max_connections_per_client": self.client_connections,
            "cors_origins": self.cors_origins,
        }


def cors_origins(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the origins of CONCORD_HTTP_CORS_ORIGINS, separated by commas or spaces. Raises SettingsError."""
    return tuple(dict.fromkeys(map(_origin, env.get(CORS_ORIGINS, "").replace(",", " ").split())))


def _origin(text: str) -> str:
    try:
        return read_origin(text)
    except ValueError:
        raise SettingsError(
            f"{CORS_ORIGINS} must be a list of sites such as https://www.city.example.org, each with its scheme and"
            f" without a path, a slash at the end or *: correct {text!r}"
        ) from None


def _host(text: str) -> str:
    """Return the host without the brackets that an IPv6 address has in a URL."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text
