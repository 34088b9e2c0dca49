"""Settings of the ops page from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from concord_bus.settings import SettingsError, optional, tls_files
from concord_http.tls import TlsFiles

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
MAX_SERVICES = 16


@dataclass(frozen=True, slots=True)
class OpsSettings:
    """`services` holds the URL of each other process to probe, by the name on the page.

    `management` is RabbitMQ's management API with a login of the tag `monitoring`. Without it the broker's state comes
    from the services' connections. `city` is the folder with the areas of the map. `tls` are the certificates for the
    management API.
    """

    services: Mapping[str, str] = field(default_factory=dict)
    management: str | None = field(default=None, repr=False)
    vhost: str = "/"
    city: Path | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)

    @classmethod
    def from_env(cls, env: Mapping[str, str], vhost: str, city: Path | None = None) -> "OpsSettings":
        """Raises SettingsError naming the variable that is wrong."""
        management = optional(env, "CONCORD_MANAGEMENT_URL")
        if management and not _is_http(management, "https"):
            raise SettingsError(
                "CONCORD_MANAGEMENT_URL must look like http://user:password@host:15672, or https:// with TLS"
            )
        return cls(_services(env.get("CONCORD_OPS_SERVICES", "")), management, vhost, city, tls_files(env))


def _services(text: str) -> dict[str, str]:
    services: dict[str, str] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        name, _, url = entry.partition("=")
        if not _NAME.fullmatch(name) or not _is_http(url) or name in services:
            example = "intake=http://127.0.0.1:8080,routing=http://127.0.0.1:8081, with each name once"
            raise SettingsError(f"CONCORD_OPS_SERVICES must look like {example}")
        services[name] = url.rstrip("/")
    if len(services) > MAX_SERVICES:
        raise SettingsError(f"CONCORD_OPS_SERVICES may name at most {MAX_SERVICES} services")
    return services


def _is_http(url: str, *others: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", *others) and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
