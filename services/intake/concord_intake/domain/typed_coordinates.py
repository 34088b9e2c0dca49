"""Reads coordinates as people paste them from a map: latitude first, in degrees, or in degrees, minutes and seconds."""

import re
from itertools import pairwise

_SIDES = re.compile(r"[NSEWO]", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_MINUS = str.maketrans("\u2212\u2013", "--")
_LIMITS = {"lat": 90.0, "lon": 180.0}
MAX_LENGTH = 100


class InvalidCoordinates(ValueError):
    """The text is no pair of coordinates on the globe."""


def read_coordinates(text: str) -> tuple[float, float]:
    """Return (longitude, latitude) in WGS 84 degrees. Raises InvalidCoordinates.

    It reads `42.36, -71.06`, `42,36; -71,06`, `42.36 N, 71.06 W`, `42°21'36"N 71°3'36"W` and `geo:42.36,-71.06`.
    Without letters of the compass the latitude comes first.
    """
    typed = text.strip().translate(_MINUS).removeprefix("geo:").partition("?")[0]
    if not typed or len(typed) > MAX_LENGTH:
        raise InvalidCoordinates
    first, second = _halves(typed)
    (axis, one), (other, two) = _degrees(first, "lat"), _degrees(second, "lon")
    values = {axis: one, other: two}
    if len(values) != 2 or any(abs(value) > _LIMITS[name] for name, value in values.items()):
        raise InvalidCoordinates
    return values["lon"], values["lat"]


def _halves(typed: str) -> tuple[str, str]:
    """Return the two coordinates as text, each with its letter of the compass, if any."""
    sides = list(_SIDES.finditer(typed))
    if len(sides) == 2:
        at = sides[0].end() if typed[: sides[0].start()].strip() else sides[1].start()
        return typed[:at], typed[at:]
    if sides:
        raise InvalidCoordinates
    parts = [part for part in re.split(r"[;\s]+|,\s|,(?=-)", typed) if part.strip(",")]
    if len(parts) == 1:
        parts = typed.split(",")
    if len(parts) == 2:
        return parts[0], parts[1]
    numbers = [match.start() for match in _NUMBER.finditer(typed)]
    if len(numbers) in (4, 6) and not any(typed[a:b].isspace() for a, b in pairwise(numbers)):
        return typed[: numbers[len(numbers) // 2]], typed[numbers[len(numbers) // 2] :]
    raise InvalidCoordinates


def _degrees(part: str, axis: str) -> tuple[str, float]:
    """Return the axis and the degrees of a coordinate, with minutes and seconds if it has them."""
    side = _SIDES.search(part)
    letter = side[0].upper() if side else ""
    if letter:
        axis = "lat" if letter in "NS" else "lon"
    numbers = [float(number) for number in _NUMBER.findall(_DECIMAL_COMMA.sub(".", part.strip(" ,;")))]
    if not 1 <= len(numbers) <= 3 or any(not 0 <= number < 60 for number in numbers[1:]):
        raise InvalidCoordinates
    size = sum(abs(number) / 60**power for power, number in enumerate(numbers))
    negative = part.strip(" ,;").startswith("-") or letter in ("S", "W", "O")
    return axis, -size if negative else size
