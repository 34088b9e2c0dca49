"""Points that many records share: candidates for placeholder points."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

MIN_SHARE = 0.01
MIN_RECORDS = 10
DECIMALS = 6
"""Decimals of degrees in which points are one: a decimetre."""
ONE_PLACE = 0.5
"""Share of the commonest recorded area at a real place. At a placeholder the areas are mixed."""


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A record's point (longitude, latitude in degrees) and the area that the city recorded. Both may be None."""

    point: tuple[float, float] | None
    area: str | None


@dataclass(frozen=True, slots=True)
class SharedPoint:
    """A point with over 1 % of the records that have a point.

    `share` is from 0 to 1. `areas` counts the recorded areas at the point. With one main area it is a real place.
    Otherwise, or without recorded areas, `placeholder` is true.
    """

    lon: float
    lat: float
    records: int
    share: float
    placeholder: bool
    areas: int


def shared_points(records: Iterable[PointRecord]) -> list[SharedPoint]:
    """Return the shared points, the commonest first."""
    counts: Counter[tuple[float, float]] = Counter()
    areas: dict[tuple[float, float], Counter[str]] = defaultdict(Counter)
    for record in records:
        if record.point is not None:
            point = (round(record.point[0], DECIMALS), round(record.point[1], DECIMALS))
            counts[point] += 1
            if record.area:
                areas[point][record.area] += 1
    total = counts.total()
    return [
        SharedPoint(*point, count, count / total, not _one_place(areas[point]), len(areas[point]))
        for point, count in counts.most_common()
        if count >= MIN_RECORDS and count > MIN_SHARE * total
    ]


def _one_place(areas: Counter[str]) -> bool:
    return bool(areas) and areas.most_common(1)[0][1] >= ONE_PLACE * areas.total()
