"""Matches the recorded areas of records with the areas of the boundary file: by name, else by their places."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from concord_city import Area, City, Locator
from concord_city.outline import outline_of
from concord_cli.city.draft.areas import DraftArea, match_areas
from concord_cli.city.draft.shared_points import PointRecord

MIN_RECORDS = 10
MIN_SHARE = 0.9
MIN_INSIDE = 0.5
MIN_MATCHED = 0.5


def texts_of(points: Iterable[PointRecord]) -> list[str]:
    """Return the different texts of recorded areas."""
    return list(dict.fromkeys(point.area for point in points if point.area))


def codes_by_name(points: Iterable[PointRecord], areas: Iterable[DraftArea]) -> dict[str, str]:
    """Return the codes of the texts that name an area."""
    return match_areas(texts_of(points), areas)


def locate(points: Sequence[PointRecord], areas: Sequence[DraftArea]) -> list[str | None]:
    """Return the code of the area around each point, None for a point outside or no point."""
    outlines = {area.code: Area(area.code, area.name, outline_of(list(area.polygons)).wkb) for area in areas}
    city = City("", "UTC", (), "", areas=outlines, categories={}, teams={}, rules=())
    return [place.area for place in Locator(city).locate_all([point.point for point in points])]


def areas_by_place(
    points: Sequence[PointRecord], located: Sequence[str | None], by_name: Mapping[str, str]
) -> dict[str, str]:
    """Return the codes of further texts: the area in which nearly all of their records lie.

    `located` has the area around each point.
    """
    pairs = [
        (point.area, area)
        for point, area in zip(points, located, strict=True)
        if point.point and point.area and point.area not in by_name
    ]
    return match_by_place(pairs, by_name.values())


def is_other_layer(points: Sequence[PointRecord], matched: Collection[str]) -> bool:
    """Return whether most recorded areas match no area, as police districts match no neighbourhood."""
    recorded = [point.area for point in points if point.area]
    return sum(area in matched for area in recorded) < MIN_MATCHED * len(recorded)


def outside_warning(points: Sequence[PointRecord], located: Sequence[str | None]) -> str | None:
    """Return a warning if most records with a place lie in no area, else None."""
    places = sum(point.point is not None for point in points)
    inside = sum(area is not None for area in located)
    if places < MIN_RECORDS or inside >= MIN_INSIDE * places:
        return None
    return (
        f"{inside:,} of {places:,} records with a place lie in an area. Check that both files are of one city, and "
        "that longitude and latitude are not exchanged"
    )


def match_by_place(pairs: Iterable[tuple[str, str | None]], taken: Collection[str]) -> dict[str, str]:
    """Return the area of each recorded text with at least ten records, of which nine in ten lie in that area.

    `pairs` have the text and the area of a record's point. An area gets one text at most, and none if it is `taken`.
    """
    counts: dict[str, Counter[str | None]] = defaultdict(Counter)
    for text, area in pairs:
        counts[text][area] += 1
    found: dict[str, str] = {}
    for text, areas in sorted(counts.items(), key=lambda item: -item[1].total()):
        area, records = areas.most_common(1)[0]
        is_free = area is not None and area not in taken and area not in found.values()
        if area is not None and is_free and areas.total() >= MIN_RECORDS and records >= MIN_SHARE * areas.total():
            found[text] = area
    return found
