"""What only shows when the parts are seen together: unreachable rules, holes in the rules, overlaps and gaps."""

from collections.abc import Mapping, Sequence

from concord_city.adapters.toml_reader import Source
from concord_city.domain.model import CHANNELS, Area, City
from concord_city.domain.rule_coverage import Coverage, Hole, coverage
from concord_city.geometry import Patch, gaps, overlaps

TOLERANCE_M2 = 100.0
SHOWN = 10


def survey_rules(city: City, rules: Source, categories: Source) -> None:
    """Rules that earlier ones shadow, and categories that no rule or not every rule takes."""
    seen = coverage(city)
    for index, takers in seen.unreachable.items():
        lines = ", ".join(str(rules.lines.line(("rule", taker))) for taker in takers)
        rules.say(
            "warning",
            ("rule", index),
            f"rule {index + 1} is never reached: earlier rules (line {lines}) take all it would",
            "move it before them, or remove it",
        )
    for number, code in enumerate(city.categories):
        _say_holes(city, code, number, seen, rules, categories)


def _say_holes(city: City, code: str, number: int, seen: Coverage, rules: Source, categories: Source) -> None:
    if code in seen.without_rule:
        categories.error(
            ("category", number, "code"),
            f"no rule takes the category {code!r}",
            "add a rule for it to rules.toml, or a last rule without categories",
        )
    elif code in seen.holes:
        rules.say(
            "warning",
            (),
            f"not every {code!r} concern has a rule: none {_where(city, seen.holes[code])}",
            "add a later rule for the rest; without one they go to triage",
        )


def _where(city: City, holes: Sequence[Hole]) -> str:
    """The first hole in words, and how many more there are."""
    hole = holes[0]
    parts = [] if hole.always else ["at some times"]
    if len(hole.areas) < len(city.areas):
        parts.append("in " + _some(hole.areas))
    if len(hole.channels) < len(CHANNELS):
        parts.append("by " + _some(hole.channels))
    more = f" (and {len(holes) - 1} more)" if len(holes) > 1 else ""
    return (" ".join(parts) or "at all") + more


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")


def survey_shapes(areas: Mapping[str, Area], source: Source) -> None:
    """Overlaps and gaps of more than the tolerance; smaller ones are the noise of drawing."""
    outlines = {code: area.outline for code, area in areas.items()}
    numbers = {code: number for number, code in enumerate(areas)}
    for one, other, patch in overlaps(outlines, TOLERANCE_M2):
        source.say(
            "warning",
            ("features", numbers[other]),
            f"the areas {one!r} and {other!r} overlap by {_ground(patch)}",
            f"redraw one of them; until then {one!r}, the first, takes these points, marked as border",
        )
    found = gaps(outlines, TOLERANCE_M2)
    for patch in found[:SHOWN]:
        source.say(
            "warning",
            (),
            f"a gap between the areas of {_ground(patch)} belongs to none of them",
            "give it to an area, unless it is another town's: points in it go to triage",
        )
    if len(found) > SHOWN:
        rest = sum(patch.square_metres for patch in found[SHOWN:])
        source.say("warning", (), f"{len(found) - SHOWN} more gaps, {rest:,.0f} square metres", "as above")


def _ground(patch: Patch) -> str:
    return f"{patch.square_metres:,.0f} square metres near {patch.lon:.6f}, {patch.lat:.6f} (lon, lat)"
