"""Reads places: degrees, metres of a projection, or both numbers in one cell. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from concord_cli.records.projection import Utm

Point = tuple[float, float]
_NUMBER = r"[-+]?[0-9]+(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+)?"
_NUMERIC = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WKT = re.compile(rf"POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)", re.IGNORECASE)
_PAIR = re.compile(rf"\(?\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\)?")
_LAST_PAIR = re.compile(rf"\(\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*\)\s*$")


class BadPlace(ValueError):
    """The cells are no place. `faults` has what is wrong by column: lon, lat or point."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class PlaceReader:
    """`decimal` is the decimal separator, None for a dot, or for a comma that can be nothing else."""

    projection: Utm | None = None
    decimal: str | None = None

    def read(self, lon: str, lat: str) -> Point | None:
        """Return (longitude, latitude) of two cells, or None for empty ones and for 0, 0. Raises BadPlace."""
        if not lon and not lat:
            return None
        if self.projection:
            return self._projected(self.projection, lon, lat)
        x, y = self._value(lon), self._value(lat)
        if x is None or y is None or not abs(x) <= 180 or not abs(y) <= 90:
            raise BadPlace({**_fault("lon", lon, x, 180), **_fault("lat", lat, y, 90)})
        return None if x == y == 0 else (x, y)

    def read_pair(self, text: str) -> Point | None:
        """Return (longitude, latitude) of a cell such as `(42.31, -71.09)`, latitude first. Raises BadPlace."""
        if not text:
            return None
        if wkt := _WKT.search(text):
            lon, lat = wkt.groups()
        elif pair := _PAIR.fullmatch(text) or _LAST_PAIR.search(text):
            lat, lon = pair.groups()
        else:
            raise BadPlace({"point": f"'{text}' is not a place; write it like (42.31, -71.09), latitude first"})
        try:
            return self.read(lon, lat)
        except BadPlace as error:
            raise BadPlace({"point": str(error)}) from error

    def _projected(self, projection: Utm, east: str, north: str) -> Point | None:
        x, y = self._value(east), self._value(north)
        if x is None or y is None:
            cells = {"lon": (east, x), "lat": (north, y)}
            raise BadPlace({role: _no_number(text) for role, (text, value) in cells.items() if value is None})
        if x == y == 0:
            return None
        point = projection.degrees(x, y)
        if point is None:
            text = f"{east}, {north} lies far outside UTM zone {projection.zone}; check the projection"
            raise BadPlace({"lon": text})
        return point

    def _value(self, text: str) -> float | None:
        if _NUMERIC.fullmatch(text) and self.decimal != ",":
            return float(text)
        if self.decimal == "," and ("," in text or text.count(".") > 1):
            text = text.replace(".", "").replace(",", ".")
        elif self.decimal is None and not self.projection and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        return float(text) if _NUMERIC.fullmatch(text) else None


def _fault(role: str, text: str, value: float | None, limit: int) -> dict[str, str]:
    if value is not None and abs(value) <= limit:
        return {}
    if not text:
        return {role: "must not be empty"}
    is_exchanged = role == "lat" and value is not None and abs(value) <= 180
    hint = " (are longitude and latitude exchanged?)" if is_exchanged else ""
    return {role: f"'{text}' is not within -{limit} to {limit} degrees{hint}"}


def _no_number(text: str) -> str:
    return f"'{text}' is not a number of metres" if text else "must not be empty"
