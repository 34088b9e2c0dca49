"""Incremental aggregates over concerns: a changed fact subtracts its old contributions and adds its new ones."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime, tzinfo
from operator import add
from typing import NamedTuple, TypeVar

from concord_metrics.domain.aggregate_columns import (
    ACTION_TIMES,
    BOUNDS_OF,
    BUCKETS,
    COLUMN_INDEX,
    COLUMNS,
    FIRST_BUCKET,
    SUM_INDEX,
    bucket,
    elapsed,
)
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import AT_RISK, KEPT, MISSED, PENDING
from concord_metrics.domain.resident_feedback import HEARD_FROM, TWELFTHS
from concord_metrics.domain.team_actions import NO_ACTIONS, OPEN

K = TypeVar("K", bound=Hashable)

NONE = ""
"""Area or team of a concern without one."""

WIDTH = len(COLUMNS)
Aggregate = list[int]
"""One number for each of COLUMNS."""

ZERO: Aggregate = [0] * WIDTH

_BY_STATE = {
    PENDING: ("promises_open",),
    AT_RISK: ("promises_open", "promises_at_risk"),
    KEPT: ("promises_kept",),
    MISSED: ("promises_missed",),
}


class AggregateKey(NamedTuple):
    """Day of receipt, in the city's time zone, and the group of concerns."""

    day: date
    area: str
    category: str
    channel: str
    team: str


def group_of(fact: Fact) -> tuple[str, str, str, str]:
    """Area, category, channel and team of a fact with an origin; NONE for a missing area or team."""
    assert fact.origin is not None
    area, team = (fact.outcome.area, fact.outcome.team) if fact.outcome else (NONE, NONE)
    return area, fact.origin.category, fact.origin.channel, team


def aggregate_key(fact: Fact, zone: tzinfo) -> AggregateKey | None:
    """The key of the aggregate that counts a fact; None for a fact without an origin."""
    if fact.origin is None:
        return None
    return AggregateKey(fact.origin.received_at.astimezone(zone).date(), *group_of(fact))


def contributions(fact: Fact) -> Iterator[tuple[int, int]]:
    """Column positions and the amounts that a fact with an origin adds to them."""
    outcome, is_open = fact.outcome, fact.status == OPEN
    yield from _ones(
        received=fact.received,
        routed=fact.routed_at,
        unroutable=fact.unroutable_at,
        in_triage=is_open and outcome and outcome.in_triage,
        border=fact.border,
        decided=outcome,
        open=is_open,
        measured=outcome and fact.received,
        notified=fact.acknowledged_at,
        notification_failed=fact.failed_at and not fact.acknowledged_at,
    )
    yield from _elapsed_times(fact, (("route", fact.routed_at), ("acknowledge", fact.notified_at)))
    if fact.routing_only:
        return
    if fact.actions is not NO_ACTIONS:
        yield from _action_contributions(fact)
    if fact.promises:
        yield from _promise_contributions(fact)
    yield from _feedback_contributions(fact)


def _ones(**conditions: object) -> Iterator[tuple[int, int]]:
    """One for the column of each condition that holds."""
    return ((COLUMN_INDEX[name], 1) for name, holds in conditions.items() if holds)


def _action_contributions(fact: Fact) -> Iterator[tuple[int, int]]:
    actions = fact.actions
    yield from _ones(
        acknowledged=actions.acknowledged_at,
        referred=actions.referred_at,
        resolved=actions.resolved_at,
        declined=actions.declined_at,
        closed=actions.closed_at,
        reopened=actions.reopenings,
    )
    yield COLUMN_INDEX["reopenings"], len(actions.reopenings)
    ends = actions.acknowledged_at, actions.first_word_at, actions.resolved_at
    yield from _elapsed_times(fact, zip(ACTION_TIMES, ends, strict=True))


def _promise_contributions(fact: Fact) -> Iterator[tuple[int, int]]:
    """A pending promise counts only while the case is open: after that nobody can miss it."""
    yield COLUMN_INDEX["promises_made"], len(fact.promises)
    ended = fact.status not in (OPEN, None)
    for promise in fact.promises:
        if not (ended and promise.state in (PENDING, AT_RISK)):
            yield from ((COLUMN_INDEX[name], 1) for name in _BY_STATE[promise.state])
        yield COLUMN_INDEX["promises_renegotiated"], len(promise.renegotiations)


def _feedback_contributions(fact: Fact) -> Iterator[tuple[int, int]]:
    actions, feedback, answer = fact.actions, fact.feedback, fact.feedback.answer
    outcome = actions.resolved_at or actions.declined_at or actions.referred_at
    reachable = feedback.reachable or fact.acknowledged_at or fact.failed_at
    score = answer.score if answer else None
    yield from _ones(
        withdrawn=feedback.withdrawn_at,
        silent=feedback.silent_at,
        reopen_requested=feedback.objected_at,
        tellable=feedback.informed_at or (outcome and reachable),
        told=feedback.informed_at,
        invited=feedback.invited_at or feedback.answers,
        answered=answer,
        fixed=answer and answer.fixed,
        rated=score,
        heard=score and score >= HEARD_FROM,
    )
    if score:
        yield COLUMN_INDEX["heard_twelfths"], int(score * TWELFTHS)


def _elapsed_times(fact: Fact, ends: Iterable[tuple[str, datetime | None]]) -> Iterator[tuple[int, int]]:
    """Microseconds and bucket of each time that has ended, counted from the receipt of the concern."""
    assert fact.origin is not None
    for name, end in ends:
        if end:
            length = elapsed(fact.origin.received_at, end)
            yield SUM_INDEX[name], length
            yield FIRST_BUCKET[name] + bucket(length, BOUNDS_OF[name]), 1


def differences(facts: Iterable[tuple[Fact, Fact]], zone: tzinfo) -> dict[AggregateKey, Aggregate]:
    """Amounts to add to the aggregates, in the order of the keys, when each old fact becomes its new one.

    The order is the same in every process, so two processes cannot deadlock.
    """
    sums: dict[AggregateKey, Aggregate] = {}
    for old, new in facts:
        _count(sums, old, -1, zone)
        _count(sums, new, 1, zone)
    return {key: sums[key] for key in sorted(sums) if any(sums[key])}


def aggregate_facts(facts: Iterable[Fact], zone: tzinfo) -> dict[AggregateKey, Aggregate]:
    """The aggregates of these facts from scratch."""
    return differences(((Fact(fact.concern_id), fact) for fact in facts), zone)


def add_aggregates(one: Aggregate, other: Aggregate) -> Aggregate:
    return list(map(add, one, other))


def add_to(sums: dict[K, Aggregate], key: K, aggregate: Aggregate) -> None:
    """Add an aggregate to the one of this key, or set it as the first."""
    sums[key] = add_aggregates(sums[key], aggregate) if key in sums else aggregate


def sum_aggregates(aggregates: Iterable[Aggregate]) -> Aggregate:
    """The sum of all; zeros if there is none."""
    return list(map(sum, zip(ZERO, *aggregates, strict=True)))


def _count(sums: dict[AggregateKey, Aggregate], fact: Fact, sign: int, zone: tzinfo) -> None:
    key = aggregate_key(fact, zone)
    if key is None:
        return
    aggregate = sums.get(key)
    if aggregate is None:
        aggregate = sums[key] = ZERO.copy()
    for index, amount in contributions(fact):
        aggregate[index] += sign * amount


class DurationTotals(NamedTuple):
    """Number of cases, microseconds in all, and cases per bucket, of one kind of time."""

    cases: int
    microseconds: int
    buckets: list[int]


def duration_totals(aggregate: Aggregate, name: str) -> DurationTotals:
    """The totals of the time `name`, one of TIMES."""
    first = FIRST_BUCKET[name]
    buckets = aggregate[first : first + BUCKETS]
    return DurationTotals(sum(buckets), aggregate[SUM_INDEX[name]], buckets)


def count_of(aggregate: Aggregate, name: str) -> int:
    """The count `name`, one of COUNTS."""
    return aggregate[COLUMN_INDEX[name]]
