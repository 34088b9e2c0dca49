"""The city's own records of an imported concern, and the changes with which its case follows them.

The records state the whole history each time: the target, and the closing time or none. A case follows them from where
they left it. The decisions of officers and residents in Concord prevail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concord_city import City
from concord_routing.domain import events
from concord_routing.domain.case import CLOSED, HISTORY, OPEN_STATES, RESOLVED, Case
from concord_routing.domain.command_execution import CommandResult, PendingEvent, apply_command
from concord_routing.domain.command_spec import Command
from concord_routing.domain.commands import Resolve
from concord_routing.domain.history import MOVE_TARGET, HistoryEntry
from concord_routing.domain.history_commands import CloseUnrouted, ReopenImported
from concord_routing.domain.promise import (
    BY_HISTORY,
    KEPT,
    MISSED,
    VOID,
    Promise,
    historical_promises,
    standing,
    with_target,
)

CLOSED_BEFORE = "Closed by the city before Concord had it."
CLOSED_OUTSIDE = "Closed in the city's own records."


@dataclass(frozen=True, slots=True)
class CityRecord:
    """The latest state of a concern in the city's records, and the time at which Concord learned of it (UTC)."""

    promised_by: datetime | None
    closed_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case with all its promises and its history, each in order."""

    case: Case
    promises: tuple[Promise, ...]
    history: tuple[HistoryEntry, ...]

    @property
    def own_promise(self) -> Promise | None:
        """The promise from the city's own target."""
        return next((promise for promise in self.promises if promise.origin == BY_HISTORY), None)

    @property
    def closed_at(self) -> datetime | None:
        """The time at which the city's records ended the case; None if it is open or somebody else ended it."""
        last = next((entry for entry in reversed(self.history) if entry.before != entry.after), None)
        return last.at if last and _is_closing(last) and self.case.state in (RESOLVED, CLOSED) else None

    @property
    def closings(self) -> set[datetime]:
        """All times at which the city's records ended the case."""
        return {entry.at for entry in self.history if _is_closing(entry)}

    def after(self, result: CommandResult) -> "CaseRecord":
        return CaseRecord(result.case, _merged(self.promises, result.promises), (*self.history, result.entry))


def follow_record(kept: CaseRecord, record: CityRecord, city: City) -> Iterator[CommandResult]:
    """Yield the changes of a case, each based on the one before: its target, its reopening and its closing."""
    for change in (_move_target, _reopen, _close):
        result = change(kept, record, city)
        if result:
            kept = kept.after(result)
            yield result


def close_by_history(
    case: Case, closed_at: datetime, city: City, promises: Sequence[Promise], reason: str = CLOSED_BEFORE
) -> CommandResult:
    """Return the end of an open case at the time at which the city closed it, also if no rule chose a team."""
    command: Command = Resolve(reason) if case.team else CloseUnrouted()
    return apply_command(case, command, city, HISTORY, closed_at, promises)


def _move_target(kept: CaseRecord, record: CityRecord, city: City) -> CommandResult | None:
    """A case without a team has no promise to move. One that somebody else ended gets no new one."""
    case, target, own = kept.case, record.promised_by, kept.own_promise
    if own is None and kept.closed_at is None and case.state not in OPEN_STATES:
        return None
    if target is None or case.team is None or (own and (own.due_at == target or own.state == VOID)):
        return None
    if own:
        promise = with_target(own, target, case.received_at, city)
        moved = PendingEvent(
            events.promise_renegotiated(case, promise, own.due_at, record.updated_at), record.updated_at
        )
    else:
        [made] = historical_promises(case, city, target, number=len(kept.promises) + 1)
        promise = with_target(replace(made, done_at=kept.closed_at), target, case.received_at, city)
        moved = PendingEvent(events.promises_made(case, [promise]), promise.made_at)
    return _target_result(kept, promise, (moved, *_outcome(case, promise)), record.updated_at)


def _target_result(
    kept: CaseRecord, promise: Promise, pending: tuple[PendingEvent, ...], now: datetime
) -> CommandResult:
    before = kept.case
    case = replace(
        before,
        respond_by=promise.due_at,
        version=before.version + 1,
        sequence=before.sequence + len(pending),
        promise=standing(_merged(kept.promises, (promise,))),
    )
    state = before.state
    entry = HistoryEntry(case.case_id, case.version, now, HISTORY, MOVE_TARGET, state, state, due_at=promise.due_at)
    return CommandResult(case, entry, pending[0].data, pending, (promise,))


def _outcome(case: Case, promise: Promise) -> Iterator[PendingEvent]:
    """Tell again how a promise ended: its new target may have changed that."""
    if promise.state == KEPT:
        kept = events.promise_kept(case, promise)
        yield PendingEvent(kept, kept.kept_at)
    elif promise.state == MISSED:
        missed = events.promise_missed(case, promise)
        yield PendingEvent(missed, missed.missed_at)


def _reopen(kept: CaseRecord, record: CityRecord, city: City) -> CommandResult | None:
    """The records tell when a case was closed again, but not when it was reopened."""
    if kept.closed_at is None or (record.closed_at is not None and record.closed_at <= kept.closed_at):
        return None
    at = record.closed_at or record.updated_at
    result = apply_command(kept.case, ReopenImported(), city, HISTORY, at, kept.promises)
    return replace(result, case=replace(result.case, silent_at=at + timedelta(days=city.silence_days)))


def _close(kept: CaseRecord, record: CityRecord, city: City) -> CommandResult | None:
    """A closing ends a case only once: if it is open, somebody has reopened it since."""
    case, closed_at = kept.case, record.closed_at
    if closed_at is None or case.state not in OPEN_STATES or closed_at in kept.closings:
        return None
    target = record.promised_by if case.team is None and kept.own_promise is None else None
    made = historical_promises(case, city, target, closed=True, number=len(kept.promises) + 1)
    return close_by_history(case, closed_at, city, (*kept.promises, *made), CLOSED_OUTSIDE)


def _is_closing(entry: HistoryEntry) -> bool:
    return entry.actor == HISTORY and entry.before != entry.after and entry.after in (RESOLVED, CLOSED)


def _merged(promises: Sequence[Promise], changed: Sequence[Promise]) -> tuple[Promise, ...]:
    by_number = {promise.number: promise for promise in (*promises, *changed)}
    return tuple(by_number[number] for number in sorted(by_number))
