"""Checks across the parts of a city: unreachable rules, concerns without a rule, overlaps, gaps and narrow areas."""

from collections.abc import Mapping, Sequence

from concord_city.adapters.areas_geojson import AreasReading
from concord_city.adapters.toml_reader import Source
from concord_city.domain.model import CHANNELS, Area, City
from concord_city.domain.rule_coverage import Coverage, Hole, coverage
from concord_city.geometry import gaps, narrower_than, overlaps

TOLERANCE_M2 = 100.0
MAX_LISTED = 10


def check_rules(city: City, rules: Source, categories: Source) -> None:
    """Report rules that earlier ones shadow, and categories with concerns that no rule takes."""
    covered = coverage(city)
    for index, takers in covered.unreachable.items():
        lines = ", ".join(str(rules.lines.line(("rule", taker))) for taker in takers)
        rules.warning(
            ("rule", index),
            f"rule {index + 1} never applies: earlier rules (line {lines}) take all of its concerns",
            "move it before them, or remove it",
        )
    for number, code in enumerate(city.categories):
        _check_category(city, code, number, covered, rules, categories)


def _check_category(city: City, code: str, number: int, covered: Coverage, rules: Source, categories: Source) -> None:
    if code in covered.without_rule:
        categories.error(
            ("category", number, "code"),
            f"no rule takes the category {code!r}",
            "add a rule for it to rules.toml, or a last rule without categories",
        )
    elif code in covered.holes:
        rules.warning(
            (),
            f"some concerns of category {code!r} have no rule: {_where(city, covered.holes[code])}",
            "add a later rule for them; until then they go to triage",
        )


def _where(city: City, holes: Sequence[Hole]) -> str:
    """Return the first hole in words, and the number of further ones."""
    hole = holes[0]
    parts = [] if hole.always else ["at some times"]
    if len(hole.areas) < len(city.areas):
        parts.append("in " + _listed(hole.areas))
    if len(hole.channels) < len(CHANNELS):
        parts.append("by " + _listed(hole.channels))
    more = f" (and {len(holes) - 1} more)" if len(holes) > 1 else ""
    return (" ".join(parts) or "in all areas") + more


def _listed(codes: Sequence[str]) -> str:
    more = len(codes) - MAX_LISTED
    return ", ".join(codes[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def check_shapes(reading: AreasReading, source: Source, *, complete: bool) -> None:
    """Report overlaps and gaps above the tolerance; smaller ones are inaccuracies of drawing.

    Gaps are reported only of a `complete` file: an area with an invalid shape would be one.
    """
    outlines = {code: area.outline for code, area in reading.areas.items()}
    if not outlines:
        return
    for one, other, patch in overlaps(outlines, TOLERANCE_M2):
        source.warning(
            ("features", reading.features[other]),
            f"the areas {one!r} and {other!r} overlap by {patch}",
            f"redraw one of them; until then {one!r}, the first in the file, takes these points, marked as border",
        )
    if complete:
        _check_gaps(outlines, source)


def _check_gaps(outlines: Mapping[str, bytes], source: Source) -> None:
    patches = gaps(outlines, TOLERANCE_M2)
    for patch in patches[:MAX_LISTED]:
        source.warning(
            (),
            f"no area covers a gap of {patch}",
            "add it to an area, unless it belongs to another town: points in it go to triage",
        )
    if len(patches) > MAX_LISTED:
        rest = sum(patch.square_metres for patch in patches[MAX_LISTED:])
        more = f"no area covers {len(patches) - MAX_LISTED} more gaps, {rest:,.0f} square metres in all"
        source.warning((), more, "add them to areas, unless they belong to another town")


def check_borders(areas: Mapping[str, Area], border_m: float, facts: Source) -> None:
    """Report areas of which every point lies within the border distance of a border."""
    narrow = narrower_than({code: area.outline for code, area in areas.items()}, border_m)
    if not narrow:
        return
    every = "every area" if len(narrow) == len(areas) else f"the areas {_listed(narrow)}"
    facts.warning(
        ("border_m",),
        f"with border_m = {border_m:g}, every point of {every} is border: the border is wider than the area",
        "write fewer metres: border_m = 25",
    )
