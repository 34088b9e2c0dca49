"""What the ops page reads from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from concord_bus.settings import SettingsError, optional

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
MOST_SERVICES = 16


@dataclass(frozen=True, slots=True)
class OpsSettings:
    """`services` gives the URL of each other process that is watched, by the name that the page shows.

    `management` is RabbitMQ's management API with a login that may monitor; without it the broker's state is what the
    services' connections tell. `city` is the folder whose areas are drawn.
    """

    services: Mapping[str, str] = field(default_factory=dict)
    management: str | None = field(default=None, repr=False)
    vhost: str = "/"
    city: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str], vhost: str) -> "OpsSettings":
        """Raises SettingsError naming the variable that is wrong."""
        city = env.get("CONCORD_CITY", "").strip()
        management = optional(env, "CONCORD_MANAGEMENT_URL")
        if management and not _is_http(management):
            raise SettingsError("CONCORD_MANAGEMENT_URL must look like http://user:password@host:15672")
        return cls(_services(env.get("CONCORD_OPS_SERVICES", "")), management, vhost, Path(city) if city else None)


def _services(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in filter(None, (each.strip() for each in text.split(","))):
        name, _, url = entry.partition("=")
        if not _NAME.fullmatch(name) or not _is_http(url) or name in found:
            wanted = "intake=http://127.0.0.1:8080,routing=http://127.0.0.1:8081, each name once"
            raise SettingsError(f"CONCORD_OPS_SERVICES must look like {wanted}")
        found[name] = url.rstrip("/")
    if len(found) > MOST_SERVICES:
        raise SettingsError(f"CONCORD_OPS_SERVICES may name up to {MOST_SERVICES} services")
    return found


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
