"""Figures of each area, for a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from concord_metrics.domain.aggregates import NONE, ZERO, Aggregate, count_of
from concord_metrics.domain.case_timeline import NO_DURATIONS, DurationsByGroup
from concord_metrics.domain.summary import DIMENSIONS, Group, by_value
from concord_metrics.domain.survival import Duration

AREA = DIMENSIONS.index("area")
COUNTS = ("received", "open", "promises_open", "promises_at_risk", "promises_missed")


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Figures of one area; `area` is None for concerns without one."""

    area: str | None
    received: int
    open: int
    promises_open: int
    promises_at_risk: int
    promises_missed: int
    time_to_human_acknowledgement: Duration


def figures_by_area(
    aggregates: Mapping[Group, Aggregate], times: DurationsByGroup, areas: Sequence[str]
) -> list[AreaFigures]:
    """Figures of these areas in their order, then of other areas with concerns, then of concerns without an area."""
    by_area = by_value(aggregates, AREA)
    others = sorted(
        (area for area, aggregate in by_area.items() if area not in areas and any(aggregate)),
        key=lambda area: (area == NONE, area),
    )
    return [_figures(area, by_area.get(area, ZERO), times) for area in (*areas, *others)]


def _figures(area: str, aggregate: Aggregate, times: DurationsByGroup) -> AreaFigures:
    durations = times.groups[AREA].get(area, NO_DURATIONS)
    counts = {name: count_of(aggregate, name) for name in COUNTS}
    return AreaFigures(area or None, **counts, time_to_human_acknowledgement=durations["human_acknowledgement"])
