"""Settings of metrics from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from concord_access.http_settings import HttpSettings
from concord_access.limit_settings import LOGINS, LimitSettings
from concord_access.settings import AccessSettings
from concord_bus.settings import BusSettings, SettingsError
from concord_metrics.adapters.live_city import time_zone_of
from concord_metrics.ops.settings import OpsSettings

DEFAULT_PORT = 8083


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the service.

    `zone` is the time zone of the city's days: CONCORD_TIME_ZONE, else that of the city folder CONCORD_CITY, else UTC.
    `city` is that folder, for the outlines of its areas.
    """

    bus: BusSettings
    zone: ZoneInfo
    http: HttpSettings
    limits: LimitSettings
    access: AccessSettings
    city: Path | None = None
    ops: OpsSettings = field(default_factory=OpsSettings)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        bus = BusSettings.from_env(env)
        city = Path(folder) if (folder := env.get("CONCORD_CITY", "").strip()) else None
        return cls(
            bus=bus,
            zone=_zone(env, city),
            http=HttpSettings.from_env(env, DEFAULT_PORT),
            limits=LimitSettings.from_env(env, LOGINS),
            access=AccessSettings.from_env(env),
            city=city,
            ops=OpsSettings.from_env(env, bus.broker.vhost, city),
        )


def _zone(env: Mapping[str, str], city: Path | None) -> ZoneInfo:
    name, source = env.get("CONCORD_TIME_ZONE", "").strip(), "CONCORD_TIME_ZONE"
    if not name and city:
        name, source = _zone_of_city(city), f"time_zone in {city / 'city.toml'}"
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"{source} must name a time zone such as America/New_York") from error


def _zone_of_city(city: Path) -> str:
    try:
        return time_zone_of(city)
    except ValueError as error:
        raise SettingsError(f"CONCORD_CITY must be a city folder: {error}") from error
