"""Checks of places: areas and placeholders at valid coordinates where they are not likely to lie."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from concord_city.adapters.toml_reader import Source
from concord_city.domain.model import Placeholder
from concord_city.domain.places import Box, Point, largest_group, middle, slip_of

WIDE_KM = 1000.0
APART_KM = 500.0
PLACEHOLDER_KM = 100.0
ZERO = 0.01
"""Degrees around 0, 0, where many programs put unknown coordinates."""
FIX = "correct its coordinates, or remove it"


@dataclass(frozen=True, slots=True)
class AreaPart:
    """One polygon of an area; `feature` is the number of its feature, `has_zero` whether a corner lies at 0, 0."""

    code: str
    feature: int
    box: Box
    has_zero: bool


def check_places(parts: Sequence[AreaPart], source: Source) -> Point | None:
    """Report parts that are too wide, at 0, 0 or far from the others. Return the middle of the others, if any."""
    narrow = [part for part in parts if part.box.across_km <= WIDE_KM]
    group = largest_group([part.box.centre for part in narrow], APART_KM)
    home = [narrow[index] for index in sorted(group)]
    centre = middle(part.box.centre for part in home) if home else None
    for part in parts:
        if part.box.across_km > WIDE_KM:
            _warn_wide(part, source)
    _warn_far([part for index, part in enumerate(narrow) if index not in group], home, centre, source)
    return centre


def _warn_wide(part: AreaPart, source: Source) -> None:
    why = "has a corner at 0, 0, which stands for an unknown place, and " if part.has_zero else ""
    what = f"the area {part.code!r} {why}is {part.box.across_km:,.0f} km wide"
    source.warning(("features", part.feature), what, "correct the corner that lies far from the others")


def _warn_far(far: Sequence[AreaPart], home: Sequence[AreaPart], centre: Point | None, source: Source) -> None:
    """Report each area that lies far away once, with all of its parts or some of them."""
    at_home = {part.code for part in home}
    by_code: dict[str, list[AreaPart]] = defaultdict(list)
    for part in far:
        by_code[part.code].append(part)
    for code, parts in by_code.items():
        box = parts[0].box
        away = min(part.box.distance_km(box.centre) for part in home)
        what = f"a part of the area {code!r}" if code in at_home else f"the area {code!r}"
        where = (
            f"{what} lies {away:,.0f} km from the other areas, at {box.centre[0]:.4f}, {box.centre[1]:.4f} (lon, lat)"
        )
        source.warning(("features", parts[0].feature), where + _why(parts[0], centre), FIX)


def _why(part: AreaPart, centre: Point | None) -> str:
    if part.has_zero or part.box.distance_km((0.0, 0.0)) < 1:
        return ": 0, 0 stands for an unknown place"
    slip = slip_of(part.box.centre, centre, APART_KM) if centre else None
    return f"; {slip}" if slip else ""


def check_placeholders(placeholders: Sequence[Placeholder], home: Sequence[Box], source: Source) -> None:
    """Report placeholders that lie far from every area. One at 0, 0 is right: records have it for unknown places."""
    for number, at in enumerate(placeholders):
        point = (at.lon, at.lat)
        away = min(box.distance_km(point) for box in home)
        if away > PLACEHOLDER_KM and max(abs(at.lon), abs(at.lat)) > ZERO:
            slip = slip_of(point, middle(box.centre for box in home), APART_KM)
            source.warning(
                ("placeholder", number),
                f"the placeholder lies {away:,.0f} km from the nearest area" + (f"; {slip}" if slip else ""),
                "correct lon and lat, unless the city's records have this point",
            )
