"""Figures of a period, in all and by each dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_metrics.domain import estimates
from concord_metrics.domain.aggregate_columns import COUNTS, TIMES
from concord_metrics.domain.aggregates import Aggregate, count_of, sum_aggregates
from concord_metrics.domain.case_timeline import NO_DURATIONS, Durations, DurationsByGroup
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.resident_feedback import TWELFTHS
from concord_metrics.domain.survival import Duration

DIMENSIONS = ("area", "category", "channel", "team")
Group = tuple[str, str, str, str]
"""One value for each of DIMENSIONS; empty for a missing one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one group of concerns; see `measures`. A share or a time without any concern is None."""

    received: int
    routed: int
    unroutable: int
    in_triage: int
    border: int
    decided: int
    open: int
    measured: int
    notified: int
    notification_failed: int
    acknowledged: int
    referred: int
    resolved: int
    declined: int
    closed: int
    reopened: int
    reopenings: int
    promises_made: int
    promises_open: int
    promises_at_risk: int
    promises_kept: int
    promises_missed: int
    promises_renegotiated: int
    withdrawn: int
    silent: int
    reopen_requested: int
    tellable: int
    told: int
    invited: int
    answered: int
    unroutable_share: float | None
    border_share: float | None
    notification_success: float | None
    promises_kept_share: float | None
    loop_closed: float | None
    response_rate: float | None
    fixed_share: Estimate
    felt_heard: Estimate
    felt_heard_mean: Estimate
    time_to_route: Duration
    time_to_acknowledge: Duration
    time_to_human_acknowledgement: Duration
    time_to_first_word: Duration
    time_to_resolve: Duration


@dataclass(frozen=True, slots=True)
class Summary:
    """`groups` holds, for each dimension, the figures of each of its values, the most received first."""

    totals: Figures
    groups: Mapping[str, Mapping[str, Figures]]


@dataclass(frozen=True, slots=True)
class Suppression:
    """Reasons to hide the survey estimates of each kind; None to show them."""

    fixed: str | None = None
    heard: str | None = None

    def __or__(self, other: "Suppression") -> "Suppression":
        return Suppression(self.fixed or other.fixed, self.heard or other.heard)


NOT_SUPPRESSED = Suppression()


def summarise(
    aggregates: Mapping[Group, Aggregate],
    times: DurationsByGroup,
    total: Suppression = NOT_SUPPRESSED,
    parts: Suppression = NOT_SUPPRESSED,
) -> Summary:
    """The summary of these aggregates. `total` hides estimates of the whole, `parts` those of every group."""
    groups = {
        name: _figures_by_value(by_value(aggregates, position), times.groups[position], parts)
        for position, name in enumerate(DIMENSIONS)
    }
    return Summary(figures(sum_aggregates(aggregates.values()), times.total, total), groups)


def _figures_by_value(
    aggregates: Mapping[str, Aggregate], times: Mapping[str, Durations], suppression: Suppression
) -> dict[str, Figures]:
    own = suppressions(aggregates)
    return {
        value: figures(aggregate, times.get(value, NO_DURATIONS), suppression | own[value])
        for value, aggregate in _most_received_first(aggregates)
    }


def suppressions(aggregates: Mapping[str, Aggregate]) -> dict[str, Suppression]:
    """Small-cell suppression of each value of one dimension."""
    fixed, heard = (
        estimates.suppressed_groups({value: count_of(aggregate, name) for value, aggregate in aggregates.items()})
        for name in ("answered", "rated")
    )
    return {value: Suppression(fixed.get(value), heard.get(value)) for value in aggregates}


def by_value(aggregates: Mapping[Group, Aggregate], position: int) -> dict[str, Aggregate]:
    """The aggregate of each value of one dimension."""
    parts: dict[str, list[Aggregate]] = {}
    for group, aggregate in aggregates.items():
        parts.setdefault(group[position], []).append(aggregate)
    return {value: sum_aggregates(part) for value, part in parts.items()}


def figures(
    aggregate: Aggregate, times: Durations = NO_DURATIONS, suppression: Suppression = NOT_SUPPRESSED
) -> Figures:
    counts: dict[str, Any] = {name: count_of(aggregate, name) for name in COUNTS}
    durations: dict[str, Any] = {f"time_to_{name}": times[name] for name in TIMES}
    rated = count_of(aggregate, "rated")
    return Figures(
        **counts,
        unroutable_share=_share(counts["in_triage"], counts["decided"]),
        border_share=_share(counts["border"], counts["routed"]),
        notification_success=_share(counts["notified"], counts["notified"] + counts["notification_failed"]),
        promises_kept_share=_share(counts["promises_kept"], counts["promises_kept"] + counts["promises_missed"]),
        loop_closed=_share(counts["told"], counts["tellable"]),
        response_rate=_share(counts["answered"], counts["invited"]),
        fixed_share=estimates.share(count_of(aggregate, "fixed"), counts["answered"], suppression.fixed),
        felt_heard=estimates.share(count_of(aggregate, "heard"), rated, suppression.heard),
        felt_heard_mean=estimates.mean(count_of(aggregate, "heard_twelfths") / TWELFTHS, rated, suppression.heard),
        **durations,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _most_received_first(aggregates: Mapping[str, Aggregate]) -> list[tuple[str, Aggregate]]:
    return sorted(
        ((value, aggregate) for value, aggregate in aggregates.items() if any(aggregate)),
        key=lambda item: (-count_of(item[1], "received"), item[0]),
    )
