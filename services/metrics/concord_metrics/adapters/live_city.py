"""The part of the city folder that metrics shows: replaced in one step when the folder changes."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from concord_city.adapters.folder_watch import CityWatch
from concord_metrics.adapters.area_geojson import NO_OUTLINES, AreaOutlines, read_outlines


@dataclass(frozen=True, slots=True)
class ShownCity:
    """The outlines of the areas, and the name of the time zone in city.toml."""

    outlines: AreaOutlines
    zone_name: str


class CityInfo:
    """The city as the routes see it. `zone` defines the days of all stored figures, so it stays until the next start.

    `digest` and `outlines` belong to the live folder.
    """

    def __init__(self, zone: tzinfo, watch: CityWatch[ShownCity] | None = None) -> None:
        """Without a `watch` there is no city folder."""
        self.zone = zone
        self._watch = watch
        self._first_zone = watch.live.value.zone_name if watch else ""

    @property
    def outlines(self) -> AreaOutlines:
        return self._watch.live.value.outlines if self._watch else NO_OUTLINES

    @property
    def digest(self) -> str | None:
        return self._watch.live.digest if self._watch else None

    def warning(self) -> str | None:
        """Return what an operator has to do after a change of the folder."""
        if self._watch is None:
            return None
        if self._watch.warning:
            return self._watch.warning
        name = self._watch.live.value.zone_name
        if name == self._first_zone or str(self.zone) != self._first_zone:  # else CONCORD_TIME_ZONE decides
            return None
        return (
            f"the city folder names the time zone {name}, and the days of metrics follow {self._first_zone}: restart it"
        )


def watch_city(folder: Path, run: Callable[..., Any]) -> CityWatch[ShownCity]:
    """Raises ValueError for an invalid file. `run` reads a changed folder: see `CityWatch`."""
    return CityWatch(folder, _read, run)


def _read(folder: Path) -> ShownCity:
    return ShownCity(read_outlines(folder), time_zone_of(folder))


def time_zone_of(folder: Path) -> str:
    """Return the time zone of city.toml alone: another mistake in the file must not stop metrics.

    Raises ValueError for a file that nobody can read.
    """
    file = folder / "city.toml"
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8-sig")).get("time_zone", ""))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} is not readable ({error})") from error
