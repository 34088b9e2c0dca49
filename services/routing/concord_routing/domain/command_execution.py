"""The effect of a command: the case and its promises afterwards, the history entry and the events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from concord_city import City
from concord_routing.domain import events
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.command_spec import Command, InvalidCommand
from concord_routing.domain.commands import (
    Assign,
    HandOver,
    MakePromise,
    Reassign,
    Relocate,
    Renegotiate,
    Reopen,
    Update,
)
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.promise import (
    ACKNOWLEDGEMENT,
    AGREED,
    KEPT,
    MISSED,
    OPEN,
    RESPONSE,
    Promise,
    after_command,
    new_promises,
    officer_promise,
    renewed_times,
    rescheduled,
    standing,
)
from concord_routing.domain.questions import with_question_timer
from concord_routing.domain.silence import with_silence_timer
from concord_routing.domain.workflow import transition

ENTRY_FIELDS = {field.name: field.name for field in fields(HistoryEntry)} | {"to": "referred_to", "officer": "assignee"}
"""The field of a history entry that takes the command's field of this name."""


SUBJECT = re.compile(r"(?:user|key):[A-Za-z0-9][A-Za-z0-9_.:|/+=-]{0,127}")
"""The id of a person or a key, as in the audit: no name and no address."""


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """The data of one public event, and its time (UTC)."""

    data: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command, for the application to save and publish.

    `events` are all public events in order; their sequences are consecutive, and the case has the last one. `event` is
    the data of the one about the command itself, or None if another service publishes it. `promises` are the new and
    the changed ones.
    """

    case: Case
    entry: HistoryEntry
    event: Any
    events: tuple[PendingEvent, ...]
    promises: tuple[Promise, ...] = ()


def apply_command(
    case: Case, command: Command, city: City, actor: str, now: datetime, promises: Sequence[Promise] = ()
) -> CommandResult:
    """Return the result of a command at `now` (UTC) on a case with all its `promises`.

    Raises TransitionNotAllowed for the state of the case, PromiseNotOpen, InvalidCommand naming a field.
    """
    target = transition(case, command).target
    changed = replace(_change_team_and_times(case, command, city, now), state=target, version=case.version + 1)
    updated, event = _update_promises(changed, command, city, now, promises)
    if event is None:
        event = events.command_event(case, changed, command, city, now)
    new = _make_promises(case, changed, command, city, now, len(promises) + 1)
    pending = _pending_events(changed, promises, updated, new, event, now)
    timed = with_silence_timer(
        case, _update_due_times(changed, updated, command), city, now, ends_silence=command.spec.ends_silence
    )
    asks = isinstance(command, Update) and command.waiting_for_resident
    timed = with_question_timer(case, timed, now, asks=asks)
    result = replace(timed, sequence=case.sequence + len(pending), promise=standing((*updated, *new)))
    differing = (promise for promise, before in zip(updated, promises, strict=True) if promise != before)
    return CommandResult(result, _entry(case, result, command, actor, now), event, pending, (*differing, *new))


def _change_team_and_times(case: Case, command: Command, city: City, now: datetime) -> Case:
    if isinstance(command, Assign):
        _check_officer(command.officer)
        return replace(case, assignee=command.officer)
    if isinstance(command, Reassign):
        _check_team(case, command.team, city)
        reassigned = replace(case, team=command.team, assignee=None)
        return _renew_times(reassigned, city, now) if case.state == TRIAGE else reassigned
    if isinstance(command, HandOver):
        return replace(case, team=command.team, area=command.area, assignee=None)
    if isinstance(command, Relocate):
        return replace(case, area=command.area)
    return _renew_times(case, city, now) if isinstance(command, Reopen) else case


def _check_team(case: Case, team: str, city: City) -> None:
    if team not in city.teams:
        raise InvalidCommand("team", f"There is no such team; use one of: {', '.join(city.teams)}.")
    if team == case.team:
        raise InvalidCommand("team", "This team has the case already; name another one.")


def _check_officer(officer: str | None) -> None:
    if officer is not None and SUBJECT.fullmatch(officer) is None:
        raise InvalidCommand("officer", "Give the id of a person as the audit has it, such as user:7f3a, or null.")


def _renew_times(case: Case, city: City, now: datetime) -> Case:
    due = renewed_times(city, case, case.team, now) if case.team else None
    return replace(case, acknowledge_by=due.acknowledge_by if due else None, respond_by=due.respond_by if due else None)


def _update_promises(
    case: Case, command: Command, city: City, now: datetime, promises: Sequence[Promise]
) -> tuple[list[Promise], Any]:
    """The promises after the command, and the event if the command is about one of them."""
    if isinstance(command, Renegotiate):
        before, after = rescheduled(promises, command.promise, command.due_at, city, now)
        event = events.promise_renegotiated(case, after, before.due_at, now)
        return [after if promise is before else promise for promise in promises], event
    keeps, voids = command.spec.keeps, command.spec.voids_promises
    if isinstance(command, Update) and command.keeps_promise:
        keeps = (*keeps, AGREED)
    return [after_command(promise, keeps, now, voids=voids) for promise in promises], None


def _make_promises(
    before: Case, case: Case, command: Command, city: City, now: datetime, number: int
) -> tuple[Promise, ...]:
    if isinstance(command, MakePromise):
        return (officer_promise(case, city, number, command.due_at, now),)
    if isinstance(command, Reopen) or (isinstance(command, Reassign) and before.state == TRIAGE):
        return new_promises(case, city, number, now)
    return ()


def _pending_events(
    case: Case,
    before: Sequence[Promise],
    updated: Sequence[Promise],
    new: Sequence[Promise],
    event: Any,
    now: datetime,
) -> tuple[PendingEvent, ...]:
    """In order: missed promises, the command itself, kept promises, new promises.

    Events about a promise name its team, so a case without one has none.
    """
    pairs = list(zip(updated, before, strict=True)) if case.team else []
    missed_promises = (promise for promise, was in pairs if promise.state == MISSED and was.state == OPEN)
    kept_promises = (promise for promise, was in pairs if promise.state == KEPT and was.state != KEPT)
    return (
        *(PendingEvent(events.promise_missed(case, promise), promise.due_at) for promise in missed_promises),
        *([] if event is None else [PendingEvent(event, now)]),
        *(PendingEvent(events.promise_kept(case, promise), now) for promise in kept_promises),
        *([PendingEvent(events.promises_made(case, new), now)] if new else []),
    )


def _update_due_times(case: Case, promises: Sequence[Promise], command: Command) -> Case:
    """The case with the times of its open promises, after one of them changed."""
    if not isinstance(command, Renegotiate):
        return case
    due = {promise.kind: promise.due_at for promise in promises if promise.state == OPEN}
    return replace(
        case,
        acknowledge_by=due.get(ACKNOWLEDGEMENT, case.acknowledge_by),
        respond_by=due.get(RESPONSE, case.respond_by),
    )


def _entry(before: Case, after: Case, command: Command, actor: str, now: datetime) -> HistoryEntry:
    details = {ENTRY_FIELDS[name]: getattr(command, name) for name in command.spec.fields if name in ENTRY_FIELDS}
    return HistoryEntry(
        case_id=before.case_id,
        version=after.version,
        at=now,
        actor=actor,
        command=command.spec.name,
        before=before.state,
        after=after.state,
        from_team=None if after.team == before.team else before.team,
        **details,
    )
