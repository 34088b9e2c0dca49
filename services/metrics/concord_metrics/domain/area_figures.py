"""The figures of each area, for a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from concord_metrics.domain.aggregates import NONE, ZERO, Tally, count_of
from concord_metrics.domain.case_timeline import NO_DURATION, Times
from concord_metrics.domain.summary import DIMENSIONS, Group, marginal
from concord_metrics.domain.survival import Duration

AREA = DIMENSIONS.index("area")


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """What a map shows of one area; `area` is None for concerns without one."""

    area: str | None
    received: int
    open: int
    promises_open: int
    promises_at_risk: int
    promises_missed: int
    time_to_human_acknowledgement: Duration


def by_area(tallies: Mapping[Group, Tally], times: Times, areas: Sequence[str]) -> list[AreaFigures]:
    """Of these areas in their order, also of those without any concern; then of any others, none at last."""
    found = marginal(tallies, AREA)
    told = (each for each, tally in found.items() if each not in areas and any(tally))
    others = sorted(told, key=lambda each: (each == NONE, each))
    return [_figures(each, found.get(each, ZERO), times) for each in (*areas, *others)]


def _figures(area: str, tally: Tally, times: Times) -> AreaFigures:
    durations = times.groups[0].get(area)
    return AreaFigures(
        area or None,
        count_of(tally, "received"),
        count_of(tally, "open"),
        count_of(tally, "promises_open"),
        count_of(tally, "promises_at_risk"),
        count_of(tally, "promises_missed"),
        durations["human_acknowledgement"] if durations else NO_DURATION,
    )
