"""Reads of zone data: those of the package tzdata, and the system's files."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzdata

from concord_cli.doctor.findings import Finding
from concord_cli.doctor.zone_rules import ZoneData, check_zone

SYSTEM = tuple(map(Path, ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")))
DEFAULT = "UTC"


def examine_zone(
    city: Path | None, env: Mapping[str, str] = os.environ, folders: Sequence[Path] = SYSTEM
) -> Iterator[Finding]:
    """Compare both data for the zone of the city folder, or of CONCORD_TIME_ZONE. `folders` hold the system's files."""
    name = env.get("CONCORD_TIME_ZONE") or _zone_of(city or Path(env.get("CONCORD_CITY", "."))) or DEFAULT
    yield check_zone(name, _ours(name), _system(name, folders), datetime.now(UTC))


def _zone_of(city: Path) -> str | None:
    """Return the zone that a city folder names; None for another folder. `concord city check` reports its faults."""
    try:
        return str(tomllib.loads((city / "city.toml").read_text("utf-8-sig")).get("time_zone", "")) or None
    except (OSError, ValueError):
        return None


def _ours(name: str) -> ZoneData:
    try:
        return ZoneData(tzdata.IANA_VERSION, ZoneInfo.no_cache(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneData(tzdata.IANA_VERSION, None)


def _system(name: str, folders: Sequence[Path]) -> ZoneData:
    for folder in folders:
        try:
            with (folder / name).open("rb") as file:
                return ZoneData(_release(folder), ZoneInfo.from_file(file, key=name))
        except (OSError, ValueError):
            continue
    return ZoneData(None, None)


def _release(folder: Path) -> str | None:
    try:
        with (folder / "tzdata.zi").open(encoding="utf-8") as file:
            found = re.match(r"# version (\S+)", file.readline())
    except (OSError, ValueError):
        return None
    return found[1] if found else None
