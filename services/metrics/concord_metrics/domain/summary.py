"""What the tallies say of a period, in all and by each dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_metrics.domain import estimates
from concord_metrics.domain.aggregate_columns import COUNTS, TIMES
from concord_metrics.domain.aggregates import Tally, count_of, summed
from concord_metrics.domain.case_timeline import NO_TIMES, Durations, Times
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.resident_feedback import TWELFTHS
from concord_metrics.domain.survival import Duration

DIMENSIONS = ("area", "category", "channel", "team")
Group = tuple[str, str, str, str]
"""One value for each of DIMENSIONS; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one group of concerns; see `measures`. A share or time of nothing is None."""

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
class Hidden:
    """Why what answers say may not be shown, of each kind; None where it may."""

    fixed: str | None = None
    heard: str | None = None


SHOWN = Hidden()


def summarise(tallies: Mapping[Group, Tally], times: Times, total: Hidden = SHOWN, parts: Hidden = SHOWN) -> Summary:
    """`total` and `parts` say why answers may not be shown, of all and of any group."""
    groups = {
        name: _figures_by(marginal(tallies, place), times.groups[place], parts) for place, name in enumerate(DIMENSIONS)
    }
    return Summary(figures(summed(tallies.values()), times.whole, total), groups)


def _figures_by(values: Mapping[str, Tally], times: Mapping[str, Durations], parts: Hidden) -> dict[str, Figures]:
    hidden = hidden_of(values)
    found = {}
    for value, tally in _ranked(values):
        own = hidden.get(value, SHOWN)
        shown = Hidden(parts.fixed or own.fixed, parts.heard or own.heard)
        found[value] = figures(tally, times.get(value, NO_TIMES), shown)
    return found


def hidden_of(values: Mapping[str, Tally]) -> dict[str, Hidden]:
    """Which values of one dimension have answers that may not be shown."""
    fixed = estimates.hidden({value: count_of(tally, "answered") for value, tally in values.items()})
    heard = estimates.hidden({value: count_of(tally, "rated") for value, tally in values.items()})
    return {value: Hidden(fixed.get(value), heard.get(value)) for value in values}


def marginal(tallies: Mapping[Group, Tally], place: int) -> dict[str, Tally]:
    """The tallies of each value of one dimension."""
    parts: dict[str, list[Tally]] = {}
    for group, tally in tallies.items():
        parts.setdefault(group[place], []).append(tally)
    return {value: summed(found) for value, found in parts.items()}


def figures(tally: Tally, times: Durations = NO_TIMES, hidden: Hidden = SHOWN) -> Figures:
    counts: dict[str, Any] = {name: count_of(tally, name) for name in COUNTS}
    lengths: dict[str, Any] = {f"time_to_{name}": times[name] for name in TIMES}
    sent = counts["notified"] + counts["notification_failed"]
    rated = count_of(tally, "rated")
    return Figures(
        **counts,
        unroutable_share=_share(counts["in_triage"], counts["decided"]),
        border_share=_share(counts["border"], counts["routed"]),
        notification_success=_share(counts["notified"], sent),
        promises_kept_share=_share(counts["promises_kept"], counts["promises_kept"] + counts["promises_missed"]),
        loop_closed=_share(counts["told"], counts["tellable"]),
        response_rate=_share(counts["answered"], counts["invited"]),
        fixed_share=estimates.share(count_of(tally, "fixed"), counts["answered"], hidden.fixed),
        felt_heard=estimates.share(count_of(tally, "heard"), rated, hidden.heard),
        felt_heard_mean=estimates.mean(count_of(tally, "heard_twelfths") / TWELFTHS, rated, hidden.heard),
        **lengths,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ranked(sums: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    return sorted(
        ((value, tally) for value, tally in sums.items() if any(tally)),
        key=lambda each: (-count_of(each[1], "received"), each[0]),
    )
