"""Queries of case timelines, from only the columns that they need: several times as fast as from whole facts."""

from typing import Any

from sqlalchemy import Select, Table, case, func, select

from concord_metrics.adapters.fact_rows import due_times_of
from concord_metrics.domain.case_timeline import CaseTimeline, ended_at
from concord_metrics.domain.concern_facts import FROM_IMPORT
from concord_metrics.domain.period import Period
from concord_metrics.domain.team_actions import OPEN


def timeline_query(facts: Table, period: Period, area: str | None, category: str | None) -> Select[Any]:
    """The columns of `timeline_of_row`, of the concerns received in a period."""
    columns = facts.c
    query = select(
        func.coalesce(columns.area, ""),
        columns.category,
        columns.channel,
        func.coalesce(columns.team, ""),
        columns.received_at,
        columns.routed_at,
        case((columns.told_by == FROM_IMPORT, None), else_=columns.acknowledged_at),
        columns.human_acknowledged_at,
        columns.updated_at,
        columns.resolved_at,
        columns.declined_at,
        columns.referred_at,
        columns.closed_at,
        columns.sequence,
        columns.turn_sequence,
        columns.standing,
        columns.promises,
    ).where(columns.received_at.is_not(None))
    query = query if period.start is None else query.where(columns.received_at >= period.start)
    query = query if period.end is None else query.where(columns.received_at < period.end)
    query = query if area is None else query.where(func.coalesce(columns.area, "") == area)
    return query if category is None else query.where(columns.category == category)


def timeline_of_row(row: Any) -> CaseTimeline:
    """The timeline of a row of `timeline_query`, equal to `case_timeline.timeline_of` of the whole fact."""
    *group, received_at, routed_at, notified_at, acknowledged_at, updated_at = row[:9]
    resolved_at, declined_at, referred_at, closed_at, sequence, change_sequence, status, promises = row[9:]
    messages = (acknowledged_at, updated_at, referred_at, resolved_at, declined_at)
    first_word_at = min(filter(None, messages), default=None)
    if change_sequence is None or (sequence is not None and sequence > change_sequence):
        status = OPEN
    end = ended_at(status, (resolved_at, declined_at, referred_at, closed_at))
    kept, missed = due_times_of(promises) if promises else ((), ())
    ends = (routed_at, notified_at, acknowledged_at, first_word_at, resolved_at)
    return CaseTimeline(*(*group, received_at, ends, end, kept, missed))
