"""Metrics' settings."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from concord_access.settings import AccessSettings
from concord_bus.settings import BusSettings, SettingsError, int_setting
from concord_metrics.ops.settings import OpsSettings

DEFAULT_PORT = 8083


@dataclass(frozen=True, slots=True)
class Settings:
    """What metrics reads from its environment.

    `zone` is the time zone of the city's days: CONCORD_TIME_ZONE, else that of the city folder CONCORD_CITY, else UTC.
    `city` is that folder, for the outlines of its areas.
    """

    bus: BusSettings
    zone: ZoneInfo
    host: str
    port: int
    access: AccessSettings
    city: Path | None = None
    ops: OpsSettings = field(default_factory=OpsSettings)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        bus = BusSettings.from_env(env)
        return cls(
            bus=bus,
            zone=_zone(env),
            host=env.get("CONCORD_HTTP_HOST", "").strip() or "127.0.0.1",
            port=int_setting(env, "CONCORD_HTTP_PORT", DEFAULT_PORT, least=0),
            access=AccessSettings.from_env(env),
            city=Path(city) if (city := env.get("CONCORD_CITY", "").strip()) else None,
            ops=OpsSettings.from_env(env, bus.broker.vhost),
        )


def _zone(env: Mapping[str, str]) -> ZoneInfo:
    name, source = env.get("CONCORD_TIME_ZONE", "").strip(), "CONCORD_TIME_ZONE"
    city = env.get("CONCORD_CITY", "").strip()
    if not name and city:
        name, source = _zone_of_city(Path(city) / "city.toml"), f"time_zone in {Path(city) / 'city.toml'}"
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"{source} must name a time zone such as America/New_York") from error


def _zone_of_city(file: Path) -> str:
    try:
        with file.open("rb") as given:
            return str(tomllib.load(given).get("time_zone", ""))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"CONCORD_CITY must be a city folder: {file} cannot be read ({error})") from error
