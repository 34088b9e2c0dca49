"""Timelines of concerns: the part of a fact that durations and trends need."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from concord_metrics.domain.aggregate_columns import TIMES, elapsed
from concord_metrics.domain.aggregates import group_of
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import KEPT, MISSED, Promises
from concord_metrics.domain.survival import Duration, estimate_duration
from concord_metrics.domain.team_actions import OPEN

CENSORED_TIMES = frozenset({"route", "human_acknowledgement", "first_word", "resolve"})
"""Times for which an open concern counts as waiting. A notice is not one: some reporters leave no contact."""


class CaseTimeline(NamedTuple):
    """`ends` are the moments of TIMES; `ended_at` is the end of the case, None while it is open. All in UTC.

    `kept` and `missed` hold the due times of promises.
    """

    area: str
    category: str
    channel: str
    team: str
    received_at: datetime
    ends: tuple[datetime | None, ...]
    ended_at: datetime | None
    kept: tuple[datetime, ...]
    missed: tuple[datetime, ...]


def timeline_of(fact: Fact) -> CaseTimeline | None:
    """The timeline of a fact; None without an origin."""
    if fact.origin is None:
        return None
    actions = fact.actions
    ends = (fact.routed_at, fact.notified_at, actions.acknowledged_at, actions.first_word_at, actions.resolved_at)
    moments = (actions.resolved_at, actions.declined_at, actions.referred_at, actions.closed_at)
    kept, missed = due_times(fact.promises)
    return CaseTimeline(*group_of(fact), fact.origin.received_at, ends, ended_at(fact.status, moments), kept, missed)


def ended_at(status: str | None, moments: Iterable[datetime | None]) -> datetime | None:
    """The end of a case; None if it is open. The first end counts, even if the case was open again in between."""
    return None if status in (OPEN, None) else min(filter(None, moments), default=None)


def due_times(promises: Promises) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """Due times of the kept and of the missed promises."""
    kept = tuple(promise.due_at for promise in promises if promise.state == KEPT)
    return kept, tuple(promise.due_at for promise in promises if promise.state == MISSED)


ElapsedTimes = list[tuple[int, bool, CaseTimeline]]
"""Microseconds, whether the step has happened, and the timeline."""


def elapsed_times(timelines: Sequence[CaseTimeline], name: str, as_of: datetime) -> ElapsedTimes:
    """The time that each concern took or has waited for a step until `as_of`, in rising order.

    A concern that ended without the step waits until its end: the step cannot happen any more.
    """
    position, censored = TIMES.index(name), name in CENSORED_TIMES
    times: ElapsedTimes = []
    for timeline in timelines:
        end = timeline.ends[position]
        if end and end <= as_of:
            times.append((elapsed(timeline.received_at, end), True, timeline))
        elif censored and timeline.received_at <= as_of:
            until = min(timeline.ended_at, as_of) if timeline.ended_at else as_of
            times.append((elapsed(timeline.received_at, until), False, timeline))
    times.sort(key=lambda time: time[0])
    return times


Durations = Mapping[str, Duration]
"""Durations by the name of the time."""
NO_DURATION = estimate_duration(())
NO_DURATIONS: Durations = dict.fromkeys(TIMES, NO_DURATION)


class DurationsByGroup(NamedTuple):
    """`total` is over all concerns; `groups` holds, for each dimension, the durations of each of its values."""

    total: Durations
    groups: tuple[Mapping[str, Durations], ...]


def durations(
    timelines: Sequence[CaseTimeline], as_of: datetime, dimensions: Sequence[int] = (0, 1, 2, 3)
) -> DurationsByGroup:
    """Durations over all timelines and by these dimensions, which are positions in a timeline."""
    total: dict[str, Duration] = {}
    groups: list[dict[str, dict[str, Duration]]] = [{} for _ in dimensions]
    for name in TIMES:
        times = elapsed_times(timelines, name, as_of)
        total[name] = estimate_duration((length, happened) for length, happened, _ in times)
        for group, position in zip(groups, dimensions, strict=True):
            parts: dict[str, list[tuple[int, bool]]] = {}
            for length, happened, timeline in times:
                parts.setdefault(str(timeline[position]), []).append((length, happened))
            for value, part in parts.items():
                group.setdefault(value, dict.fromkeys(TIMES, NO_DURATION))[name] = estimate_duration(part)
    return DurationsByGroup(total, tuple(groups))
