"""Row mapping of facts."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from concord_metrics.adapters.tables import GENERATIONS
from concord_metrics.domain.aggregate_columns import MICROSECOND
from concord_metrics.domain.concern_facts import Fact, Origin, Outcome
from concord_metrics.domain.promises import KEPT, MISSED, NO_PROMISES, Promise, Promises, PromiseStatus
from concord_metrics.domain.resident_feedback import NO_FEEDBACK, Answer, ResidentFeedback
from concord_metrics.domain.team_actions import NO_ACTIONS, StatusChange, TeamActions

ALL_COLUMNS = tuple(column.name for column in GENERATIONS["a"].facts.columns)
_ACTIONS = ALL_COLUMNS.index("human_acknowledged_at")
_PROMISES = ALL_COLUMNS.index("promises")
_FEEDBACK = ALL_COLUMNS.index("withdrawn_at")
ROUTING_COLUMNS = ALL_COLUMNS[:_ACTIONS]
"""Columns of a fact without team actions, promises and feedback."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NULLS = (None, None, None, None)


def routing_row(fact: Fact) -> tuple[Any, ...]:
    """The values of ROUTING_COLUMNS."""
    decided = fact[4:9]  # from routed_at to failed_at
    return (fact.concern_id, *(fact.origin or _NULLS), fact.occurred_at, *(fact.outcome or _NULLS), *decided)


def fact_row(fact: Fact) -> tuple[Any, ...]:
    """The values of ALL_COLUMNS."""
    actions, feedback = fact.actions, fact.feedback
    return (
        *routing_row(fact),
        *actions[:-2],
        *(actions.status_change or (None, None)),
        json.dumps(sorted(actions.reopenings)) if actions.reopenings else None,
        _promises_text(fact.promises) if fact.promises else None,
        fact.at_risk_due,
        *feedback[:-1],
        json.dumps(feedback.answers) if feedback.answers else None,
    )


def _promises_text(promises: Promises) -> str:
    """JSON with times as microseconds since 1970, which parse several times as fast as texts."""
    rows = [
        (*ids, status.sequence, status.state, (status.due_at - _EPOCH) // MICROSECOND, renegotiations)
        for *ids, status, renegotiations in promises
    ]
    return orjson.dumps(rows).decode()


def promises_of(text: str | None) -> Promises:
    """The promises of a row's text."""
    if not text:
        return NO_PROMISES
    return tuple(
        Promise(promise_id, case_id, kind, PromiseStatus(sequence, state, _time(due)), tuple(renegotiations))
        for promise_id, case_id, kind, sequence, state, due, renegotiations in orjson.loads(text)
    )


def due_times_of(text: str) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """`case_timeline.due_times` of a row's text, without building the promises."""
    promises = orjson.loads(text)
    kept = tuple(_time(due) for *_, state, due, _ in promises if state == KEPT)
    return kept, tuple(_time(due) for *_, state, due, _ in promises if state == MISSED)


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def fact_of(row: Sequence[Any]) -> Fact:
    """The fact of a row with ALL_COLUMNS."""
    actions, feedback = row[_ACTIONS:_PROMISES], row[_FEEDBACK:]
    fields = (
        row[0],
        None if row[1] is None else Origin._make(row[1:5]),
        row[5],
        None if row[6] is None else Outcome._make(row[6:10]),
        *row[10:_ACTIONS],
        _team_actions(*actions) if any(actions) else NO_ACTIONS,
        promises_of(row[_PROMISES]),
        _resident_feedback(*feedback) if any(feedback) else NO_FEEDBACK,
    )
    return Fact._make(fields)


def _resident_feedback(*values: Any) -> ResidentFeedback:
    *columns, answers = values
    return ResidentFeedback._make((*columns, tuple(Answer(*answer) for answer in json.loads(answers or "[]"))))


def _team_actions(*values: Any) -> TeamActions:
    *moments, sequence, status, reopenings = values
    change = None if sequence is None or status is None else StatusChange(sequence, status)
    return TeamActions._make((*moments, change, frozenset(json.loads(reopenings or "[]"))))
