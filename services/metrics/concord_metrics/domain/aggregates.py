"""Sums over concerns, kept by what each change of a fact takes away and adds."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from operator import add
from typing import NamedTuple

from concord_metrics.domain.aggregate_columns import (
    ANSWERS,
    AT,
    BOUNDS_OF,
    BUCKETS,
    COLUMNS,
    FIRST_BUCKET,
    PROMISES,
    SUM,
    VOICE_COUNTS,
    WAY_COUNTS,
    WORK_COUNTS,
    WORK_TIMES,
    bucket,
    elapsed,
)
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import AT_RISK, KEPT, MISSED, PENDING
from concord_metrics.domain.resident_feedback import HEARD_FROM, TWELFTHS, Answer
from concord_metrics.domain.team_actions import NO_WORK, OPEN

NONE = ""
"""Area or team of a concern that has none (yet)."""

WIDTH = len(COLUMNS)
Tally = list[int]
"""One number for each of COLUMNS."""

ZERO: Tally = [0] * WIDTH

_RECEIVED, _ROUTED, _UNROUTABLE, _TRIAGE, _BORDER, _DECIDED, _OPEN, _MEASURED, _NOTIFIED, _FAILED = (
    AT[each] for each in WAY_COUNTS
)
_ACKNOWLEDGED, _REFERRED, _RESOLVED, _DECLINED, _CLOSED, _REOPENED, _REOPENINGS = (AT[each] for each in WORK_COUNTS)
_MADE, _PENDING, _AT_RISK, _KEPT, _MISSED, _RENEGOTIATED = (AT[each] for each in PROMISES)
_WITHDRAWN, _SILENT, _OBJECTED, _TELLABLE, _TOLD, _INVITED, _ANSWERED = (AT[each] for each in VOICE_COUNTS)
_FIXED, _RATED, _HEARD, _TWELFTHS = (AT[each] for each in ANSWERS)
_BY_STATE = {PENDING: (_PENDING,), AT_RISK: (_PENDING, _AT_RISK), KEPT: (_KEPT,), MISSED: (_MISSED,)}


class Cell(NamedTuple):
    """What one tally is about. `day` is the day the concern came in, in the city's time zone."""

    day: date
    area: str
    category: str
    channel: str
    team: str


def cell_place(fact: Fact) -> tuple[str, str, str, str]:
    """Area, category, channel and team of a fact with an origin; NONE where there is none."""
    assert fact.origin is not None
    area, team = (fact.outcome.area, fact.outcome.team) if fact.outcome else (NONE, NONE)
    return area, fact.origin.category, fact.origin.channel, team


def cell(fact: Fact, zone: tzinfo) -> Cell | None:
    """Where a fact is counted; None while nobody has told how the concern came in."""
    if fact.origin is None:
        return None
    return Cell(fact.origin.received_at.astimezone(zone).date(), *cell_place(fact))


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
        yield _DECIDED, 1
        if fact.received:
            yield _MEASURED, 1
    if fact.standing == OPEN:
        yield _OPEN, 1
        if fact.outcome and fact.outcome.in_triage:
            yield _TRIAGE, 1
    if fact.acknowledged_at:
        yield _NOTIFIED, 1
    elif fact.failed_at:
        yield _FAILED, 1
    yield from _lengths(fact, (("route", fact.routed_at), ("acknowledge", fact.noticed_at)))
    if fact.plain:
        return
    if fact.work is not NO_WORK:
        yield from _work_entries(fact)
    if fact.promises:
        yield from _promise_entries(fact)
    yield from _voice_entries(fact)


def _work_entries(fact: Fact) -> Iterator[tuple[int, int]]:
    work = fact.work
    for column, moment in (
        (_ACKNOWLEDGED, work.acknowledged_at),
        (_REFERRED, work.referred_at),
        (_RESOLVED, work.resolved_at),
        (_DECLINED, work.declined_at),
        (_CLOSED, work.closed_at),
    ):
        if moment:
            yield column, 1
    if work.reopenings:
        yield _REOPENED, 1
        yield _REOPENINGS, len(work.reopenings)
    ends = work.acknowledged_at, work.first_word_at, work.resolved_at
    yield from _lengths(fact, zip(WORK_TIMES, ends, strict=True))


def _promise_entries(fact: Fact) -> Iterator[tuple[int, int]]:
    """What is neither kept nor missed counts as long as the city has the case: nobody can miss it after that."""
    yield _MADE, len(fact.promises)
    ended = fact.standing not in (OPEN, None)
    for each in fact.promises:
        if not (ended and each.state in (PENDING, AT_RISK)):
            yield from ((column, 1) for column in _BY_STATE[each.state])
        if each.renegotiations:
            yield _RENEGOTIATED, len(each.renegotiations)


def _voice_entries(fact: Fact) -> Iterator[tuple[int, int]]:
    work, voice = fact.work, fact.voice
    for column, moment in (
        (_WITHDRAWN, voice.withdrawn_at),
        (_SILENT, voice.silent_at),
        (_OBJECTED, voice.objected_at),
    ):
        if moment:
            yield column, 1
    outcome = work.resolved_at or work.declined_at or work.referred_at
    if voice.told_at or (outcome and (voice.reached or fact.acknowledged_at or fact.failed_at)):
        yield _TELLABLE, 1
    if voice.told_at:
        yield _TOLD, 1
    if voice.invited_at or voice.answers:
        yield _INVITED, 1
    if voice.answer:
        yield from _answer_entries(voice.answer)


def _answer_entries(answer: Answer) -> Iterator[tuple[int, int]]:
    yield _ANSWERED, 1
    if answer.fixed:
        yield _FIXED, 1
    if answer.score is not None:
        yield _RATED, 1
        yield _TWELFTHS, int(answer.score * TWELFTHS)
        if answer.score >= HEARD_FROM:
            yield _HEARD, 1


def _lengths(fact: Fact, ends: Iterable[tuple[str, datetime | None]]) -> Iterator[tuple[int, int]]:
    """From taking the concern in to each of the moments that have come."""
    assert fact.origin is not None
    for name, end in ends:
        if end:
            length = elapsed(fact.origin.received_at, end)
            yield SUM[name], length
            yield FIRST_BUCKET[name] + bucket(length, BOUNDS_OF[name]), 1


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
    first = FIRST_BUCKET[name]
    buckets = tally[first : first + BUCKETS]
    return Times(sum(buckets), tally[SUM[name]], buckets)


def count_of(tally: Tally, name: str) -> int:
    """The count called `name` (one of COUNTS) of a tally."""
    return tally[AT[name]]
