"""The course of one concern in time: as much of its fact as times and trends are taken from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from concord_metrics.domain.aggregate_columns import TIMES, elapsed
from concord_metrics.domain.aggregates import cell_place
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import KEPT, MISSED, Promises
from concord_metrics.domain.survival import Duration, duration
from concord_metrics.domain.team_actions import OPEN

WAITED_FOR = frozenset({"route", "human_acknowledgement", "first_word", "resolve"})
"""Times that an open concern still waits for. Not every reporter can be written to: of notices only those count."""


class Course(NamedTuple):
    """`ends` are the moments of TIMES, `ended_at` when the city had done with it (None while it is open), UTC."""

    area: str
    category: str
    channel: str
    team: str
    received_at: datetime
    ends: tuple[datetime | None, ...]
    ended_at: datetime | None
    kept: tuple[datetime, ...]
    missed: tuple[datetime, ...]


def course(fact: Fact) -> Course | None:
    """None while nobody has told how the concern came in."""
    if fact.origin is None:
        return None
    work = fact.work
    ends = (fact.routed_at, fact.noticed_at, work.acknowledged_at, work.first_word_at, work.resolved_at)
    ended = ended_at(fact.standing, (work.resolved_at, work.declined_at, work.referred_at, work.closed_at))
    kept, missed = due_times(fact.promises)
    return Course(*cell_place(fact), fact.origin.received_at, ends, ended, kept, missed)


def ended_at(standing: str | None, ends: Iterable[datetime | None]) -> datetime | None:
    """When a case ended that is not open; its first end stands for all, also when it was open again in between."""
    return None if standing in (OPEN, None) else min((each for each in ends if each), default=None)


def due_times(promises: Promises) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """By when what was kept, and what was missed, was to be done."""
    kept = tuple(each.due_at for each in promises if each.state == KEPT)
    return kept, tuple(each.due_at for each in promises if each.state == MISSED)


Lengths = list[tuple[int, bool, Course]]


def lengths(courses: Sequence[Course], name: str, as_of: datetime) -> Lengths:
    """How long each concern took or has waited (microseconds) until `as_of`, in rising order.

    A concern that ended without it waits no longer than until its end: it cannot happen to it any more.
    """
    place, waited_for = TIMES.index(name), name in WAITED_FOR
    found: Lengths = []
    for each in courses:
        end = each.ends[place]
        if end and end <= as_of:
            found.append((elapsed(each.received_at, end), True, each))
        elif waited_for and each.received_at <= as_of:
            until = min(each.ended_at, as_of) if each.ended_at else as_of
            found.append((elapsed(each.received_at, until), False, each))
    found.sort(key=lambda each: each[0])
    return found


Durations = Mapping[str, Duration]
NO_DURATION = duration(())


class Times(NamedTuple):
    """Durations by name; `groups` for each dimension by its values."""

    whole: Durations
    groups: tuple[Mapping[str, Durations], ...]


def durations(courses: Sequence[Course], as_of: datetime, dimensions: Sequence[int] = (0, 1, 2, 3)) -> Times:
    """The times of all and of each value of these dimensions (places in a course), by name."""
    whole: dict[str, Duration] = {}
    groups: list[dict[str, dict[str, Duration]]] = [{} for _ in dimensions]
    for name in TIMES:
        found = lengths(courses, name, as_of)
        whole[name] = duration((length, happened) for length, happened, _ in found)
        for group, place in zip(groups, dimensions, strict=True):
            parts: dict[str, list[tuple[int, bool]]] = {}
            for length, happened, each in found:
                parts.setdefault(str(each[place]), []).append((length, happened))
            for value, part in parts.items():
                group.setdefault(value, dict.fromkeys(TIMES, NO_DURATION))[name] = duration(part)
    return Times(whole, tuple(groups))


NO_TIMES: Durations = dict.fromkeys(TIMES, NO_DURATION)
