"""A fact as a row of `facts` and back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from concord_metrics.adapters.tables import facts
from concord_metrics.domain.fact import Fact, Origin, Outcome
from concord_metrics.domain.work import NO_WORK, Turn, Work

ALL = tuple(column.name for column in facts.columns)
PLAIN = ALL[: ALL.index("human_acknowledged_at")]
"""Without the columns of what people did, which are empty for most concerns."""

_NOTHING = (None, None, None, None)


def plain_row(fact: Fact) -> tuple[Any, ...]:
    """The columns of PLAIN, in their order."""
    origin, outcome = fact.origin, fact.outcome
    return (
        fact.concern_id,
        *(_NOTHING if origin is None else (origin.told_by, origin.received_at, origin.category, origin.channel)),
        fact.occurred_at,
        *(_NOTHING if outcome is None else (outcome.sequence, outcome.area, outcome.team, outcome.reason)),
        fact.routed_at,
        fact.unroutable_at,
        fact.border,
        fact.acknowledged_at,
        fact.failed_at,
    )


def whole_row(fact: Fact) -> tuple[Any, ...]:
    """The columns of ALL, in their order."""
    work, turn = fact.work, fact.work.turn
    return (
        *plain_row(fact),
        work.acknowledged_at,
        work.updated_at,
        work.referred_at,
        work.resolved_at,
        work.declined_at,
        work.closed_at,
        *((None, None) if turn is None else (turn.sequence, turn.standing)),
        json.dumps(sorted(work.reopenings)) if work.reopenings else None,
    )


def fact_of(row: Sequence[Any]) -> Fact:
    """The fact of a row with the columns of ALL."""
    concern_id, told_by, received_at, category, channel, occurred_at, sequence, area, team, reason, *rest = row
    origin = None if told_by is None else Origin(told_by, received_at, category, channel)
    outcome = None if sequence is None else Outcome(sequence, area, team, reason)
    routed_at, unroutable_at, border, acknowledged_at, failed_at, *work = rest
    return Fact(
        concern_id,
        origin,
        occurred_at,
        outcome,
        routed_at,
        unroutable_at,
        border,
        acknowledged_at,
        failed_at,
        _work(*work) if any(work) else NO_WORK,
    )


def _work(
    acknowledged_at: datetime | None,
    updated_at: datetime | None,
    referred_at: datetime | None,
    resolved_at: datetime | None,
    declined_at: datetime | None,
    closed_at: datetime | None,
    sequence: int | None,
    standing: str | None,
    reopenings: str | None,
) -> Work:
    turn = None if sequence is None or standing is None else Turn(sequence, standing)
    times = acknowledged_at, updated_at, referred_at, resolved_at, declined_at, closed_at
    return Work(*times, turn, frozenset(json.loads(reopenings or "[]")))
