"""A fact as a row of `facts` and back."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from concord_metrics.adapters.tables import GENERATIONS
from concord_metrics.domain.aggregate_columns import MICROSECOND
from concord_metrics.domain.concern_facts import Fact, Origin, Outcome
from concord_metrics.domain.promises import KEPT, MISSED, NO_PROMISES, Promise, Promises, Standing
from concord_metrics.domain.resident_feedback import UNHEARD, Answer, Voice
from concord_metrics.domain.team_actions import NO_WORK, Turn, Work

ALL = tuple(column.name for column in GENERATIONS["a"].facts.columns)
PLAIN = ALL[: ALL.index("human_acknowledged_at")]
"""Without the columns of what people did, promised and said, which are empty while a concern is on its way."""
_WORK = ALL.index("human_acknowledged_at")
_PROMISES = ALL.index("promises")
_VOICE = ALL.index("withdrawn_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
        _promises_text(fact.promises) if fact.promises else None,
        fact.at_risk_due,
        *_voice_row(fact.voice),
    )


def _voice_row(voice: Voice) -> tuple[Any, ...]:
    moments = voice.withdrawn_at, voice.silent_at, voice.objected_at, voice.told_at, voice.invited_at
    answers = [
        (each.resolution, each.fixed, each.voice, each.respect, each.neutrality, each.motives) for each in voice.answers
    ]
    return (*moments, voice.reached, json.dumps(answers) if answers else None)


def _promises_text(promises: Promises) -> str:
    """Times as microseconds since 1970, which are read several times as fast as texts."""
    return orjson.dumps(
        [
            (
                each.promise_id,
                each.case_id,
                each.kind,
                each.standing.sequence,
                each.state,
                (each.due_at - _EPOCH) // MICROSECOND,
                each.renegotiations,
            )
            for each in promises
        ]
    ).decode()


def promises_of(text: str | None) -> Promises:
    """The promises of a row's text."""
    if not text:
        return NO_PROMISES
    return tuple(
        Promise(
            promise_id,
            case_id,
            kind,
            Standing(sequence, state, _EPOCH + timedelta(microseconds=due)),
            tuple(renegotiations),
        )
        for promise_id, case_id, kind, sequence, state, due, renegotiations in orjson.loads(text)
    )


def due_times_of(text: str) -> tuple[tuple[datetime, ...], tuple[datetime, ...]]:
    """`course.due_times` of a row's text, without the promises themselves."""
    told = orjson.loads(text)
    kept = tuple(_EPOCH + timedelta(microseconds=each[5]) for each in told if each[4] == KEPT)
    return kept, tuple(_EPOCH + timedelta(microseconds=each[5]) for each in told if each[4] == MISSED)


def fact_of(row: Sequence[Any]) -> Fact:
    """The fact of a row with the columns of ALL."""
    concern_id, told_by, received_at, category, channel, occurred_at, sequence, area, team, reason = row[:10]
    origin = None if told_by is None else Origin(told_by, received_at, category, channel)
    outcome = None if sequence is None else Outcome(sequence, area, team, reason)
    work, voice = row[_WORK:_PROMISES], row[_VOICE:]
    return Fact(
        concern_id,
        origin,
        occurred_at,
        outcome,
        *row[10:_WORK],  # type: ignore[call-arg]  # the five of the way, in their order
        _work(*work) if any(work) else NO_WORK,
        promises_of(row[_PROMISES]),
        _voice(*voice) if any(voice) else UNHEARD,
    )


def _voice(*values: Any) -> Voice:
    withdrawn_at, silent_at, objected_at, told_at, invited_at, reached, answers = values
    given = tuple(Answer(*each) for each in json.loads(answers or "[]"))
    return Voice(withdrawn_at, silent_at, objected_at, told_at, invited_at, reached, given)


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
