"""Sums over concerns, kept by what each change of a fact takes away and adds."""

from collections.abc import Iterable, Iterator
from datetime import date, tzinfo
from operator import add
from typing import NamedTuple

from concord_metrics.domain.fact import Fact
from concord_metrics.domain.histogram import BUCKETS, bucket, elapsed

NONE = ""
"""Area or team of a concern that has none (yet)."""

COUNTS = (
    "received",
    "routed",
    "unroutable",
    "in_triage",
    "border",
    "open",
    "measured",
    "notified",
    "notification_failed",
)
TIMES = ("route", "acknowledge")
SUMS = tuple(f"{each}_us" for each in TIMES)
COLUMNS = (*COUNTS, *SUMS, *(f"{each}_{index:02}" for each in TIMES for index in range(BUCKETS)))
"""What a tally sums: counts of concerns, microseconds to route and acknowledge, concerns per bucket of each."""

WIDTH = len(COLUMNS)
Tally = list[int]
"""One number for each of COLUMNS."""

ZERO: Tally = [0] * WIDTH

_AT = {name: index for index, name in enumerate(COLUMNS)}
_RECEIVED, _ROUTED, _UNROUTABLE, _TRIAGE, _BORDER, _OPEN, _MEASURED, _NOTIFIED, _FAILED = map(_AT.__getitem__, COUNTS)
_FIRST_BUCKET = {each: _AT[f"{each}_00"] for each in TIMES}
_SUM = {each: _AT[f"{each}_us"] for each in TIMES}


class Cell(NamedTuple):
    """What one tally is about. `day` is the day the concern came in, in the city's time zone."""

    day: date
    area: str
    category: str
    channel: str
    team: str


def cell(fact: Fact, zone: tzinfo) -> Cell | None:
    """Where a fact is counted; None while nobody has told how the concern came in."""
    origin, outcome = fact.origin, fact.outcome
    if origin is None:
        return None
    day = origin.received_at.astimezone(zone).date()
    if outcome is None:
        return Cell(day, NONE, origin.category, origin.channel, NONE)
    return Cell(day, outcome.area, origin.category, origin.channel, outcome.team)


def entries(fact: Fact) -> Iterator[tuple[int, int]]:
    """Which columns a fact with an origin adds to, and how much."""
    if fact.received:
        yield _RECEIVED, 1
    if fact.routed_at:
        yield _ROUTED, 1
    if fact.unroutable_at:
        yield _UNROUTABLE, 1
    if fact.border:
        yield _BORDER, 1
    if fact.outcome:
        yield _OPEN, 1
        if fact.received:
            yield _MEASURED, 1
        if fact.outcome.in_triage:
            yield _TRIAGE, 1
    if fact.acknowledged_at:
        yield _NOTIFIED, 1
    elif fact.failed_at:
        yield _FAILED, 1
    assert fact.origin is not None
    for name, end in (("route", fact.routed_at), ("acknowledge", fact.acknowledged_at)):
        if end:
            length = elapsed(fact.origin.received_at, end)
            yield _SUM[name], length
            yield _FIRST_BUCKET[name] + bucket(length), 1


def changes(facts: Iterable[tuple[Fact, Fact]], zone: tzinfo) -> dict[Cell, Tally]:
    """What turning each old fact into its new one adds to the tallies, in the order of the cells.

    The order is the same in every process, so that two of them never wait for each other in a circle.
    """
    sums: dict[Cell, Tally] = {}
    for old, new in facts:
        _count(sums, old, -1, zone)
        _count(sums, new, 1, zone)
    return {each: sums[each] for each in sorted(sums) if any(sums[each])}


def total(facts: Iterable[Fact], zone: tzinfo) -> dict[Cell, Tally]:
    """The tallies of these facts from scratch."""
    return changes(((Fact(each.concern_id), each) for each in facts), zone)


def plus(one: Tally, other: Tally) -> Tally:
    return list(map(add, one, other))


def summed(tallies: Iterable[Tally]) -> Tally:
    """The sum of many, zeros of none."""
    return list(map(sum, zip(ZERO, *tallies, strict=True)))


def _count(sums: dict[Cell, Tally], fact: Fact, sign: int, zone: tzinfo) -> None:
    where = cell(fact, zone)
    if where is None:
        return
    tally = sums.get(where)
    if tally is None:
        tally = sums[where] = ZERO.copy()
    for index, amount in entries(fact):
        tally[index] += sign * amount


class Times(NamedTuple):
    """How long something took: in how many cases, microseconds in all, cases per bucket."""

    cases: int
    microseconds: int
    buckets: list[int]


def times(tally: Tally, name: str) -> Times:
    """The times called `name` (one of TIMES) of a tally."""
    first = _FIRST_BUCKET[name]
    buckets = tally[first : first + BUCKETS]
    return Times(sum(buckets), tally[_SUM[name]], buckets)


def count_of(tally: Tally, name: str) -> int:
    """The count called `name` (one of COUNTS) of a tally."""
    return tally[_AT[name]]
