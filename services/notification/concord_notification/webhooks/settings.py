"""Settings of webhooks from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from concord_bus.settings import SettingsError, optional

HOSTS = "CONCORD_WEBHOOK_INTERNAL_HOSTS"
CA_FILE = "CONCORD_WEBHOOK_CA_FILE"

_HOST = re.compile(r"[a-z0-9.:-]{1,253}")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`internal_hosts` may lie inside the city's network. `ca_file` adds certificate authorities to the system's."""

    internal_hosts: frozenset[str] = frozenset()
    ca_file: Path | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "WebhookSettings":
        """Read the settings. Raises SettingsError naming the variable that is wrong."""
        hosts = (optional(env, HOSTS) or "").lower().replace(",", " ").split()
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise SettingsError(f"{HOSTS} must name hosts such as parks.internal, separated by commas")
        ca_file = env.get(CA_FILE, "").strip()
        return cls(frozenset(hosts), Path(ca_file) if ca_file else None)
