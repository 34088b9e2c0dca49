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
    origin, outcome = fact.origin, fact.outcome
    return (
        fact.concern_id,
        *(_NULLS if origin is None else (origin.source, origin.received_at, origin.category, origin.channel)),
        fact.occurred_at,
        *(_NULLS if outcome is None else (outcome.sequence, outcome.area, outcome.team, outcome.reason)),
        fact.routed_at,
        fact.unroutable_at,
        fact.border,
        fact.acknowledged_at,
        fact.failed_at,
    )


def fact_row(fact: Fact) -> tuple[Any, ...]:
    """The values of ALL_COLUMNS."""
    actions, change = fact.actions, fact.actions.status_change
    return (
        *routing_row(fact),
        actions.acknowledged_at,
        actions.updated_at,
        actions.referred_at,
        actions.resolved_at,
        actions.declined_at,
        actions.closed_at,
        *((None, None) if change is None else (change.sequence, change.status)),
        json.dumps(sorted(actions.reopenings)) if actions.reopenings else None,
        _promises_text(fact.promises) if fact.promises else None,
        fact.at_risk_due,
        *_feedback_row(fact.feedback),
    )


def _feedback_row(feedback: ResidentFeedback) -> tuple[Any, ...]:
    answers = [
        (answer.resolution, answer.fixed, answer.voice, answer.respect, answer.neutrality, answer.motives)
        for answer in feedback.answers
    ]
    return (
        feedback.withdrawn_at,
        feedback.silent_at,
        feedback.objected_at,
        feedback.informed_at,
        feedback.invited_at,
        feedback.reachable,
        json.dumps(answers) if answers else None,
    )


def _promises_text(promises: Promises) -> str:
    """JSON with times as microseconds since 1970, which parse several times as fast as texts."""
    return orjson.dumps(
        [
            (
                promise.promise_id,
                promise.case_id,
                promise.kind,
                promise.status.sequence,
                promise.state,
                (promise.due_at - _EPOCH) // MICROSECOND,
                promise.renegotiations,
            )
            for promise in promises
        ]
    ).decode()


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
    concern_id, source, received_at, category, channel, occurred_at, sequence, area, team, reason = row[:10]
    origin = None if source is None else Origin(source, received_at, category, channel)
    outcome = None if sequence is None else Outcome(sequence, area, team, reason)
    actions, feedback = row[_ACTIONS:_PROMISES], row[_FEEDBACK:]
    return Fact(
        concern_id,
        origin,
        occurred_at,
        outcome,
        *row[10:_ACTIONS],  # type: ignore[call-arg]  # the five from routed_at to failed_at
        _team_actions(*actions) if any(actions) else NO_ACTIONS,
        promises_of(row[_PROMISES]),
        _resident_feedback(*feedback) if any(feedback) else NO_FEEDBACK,
    )


def _resident_feedback(*values: Any) -> ResidentFeedback:
    *columns, answers = values
    return ResidentFeedback(*(*columns, tuple(Answer(*answer) for answer in json.loads(answers or "[]"))))


def _team_actions(*values: Any) -> TeamActions:
    *moments, sequence, status, reopenings = values
    change = None if sequence is None or status is None else StatusChange(sequence, status)
    return TeamActions(*(*moments, change, frozenset(json.loads(reopenings or "[]"))))
