"""Execute a command on a case: once, on the version that the sender saw, with one history entry and its events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from concord_access import Principal, require
from concord_access.domain.audit_entry import Code, Entry
from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event, new_event
from concord_routing.domain.case import (
    ANSWERED_TASK,
    MISSED_TASK,
    OPEN_STATES,
    SILENT_TASK,
    TRIAGE,
    UNANSWERED_TASK,
    Case,
)
from concord_routing.domain.command_execution import CommandResult, PendingEvent, apply_command
from concord_routing.domain.command_spec import Command
from concord_routing.domain.commands import Assign, may_execute, may_read, permission_for
from concord_routing.domain.events import officer_messages
from concord_routing.domain.promise import MISSED
from concord_routing.domain.questions import question_is_over
from concord_routing.ports import IdempotencyRecord, Store

KEY_LIFETIME = timedelta(hours=24)

Render = Callable[[Case], str]
"""Gives the response to a command from the case after it; the store keeps it for a repeated request."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key of a request that must have one effect only, and a digest of the request."""

    value: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A principal's command on the `version` of a case that they saw."""

    case_id: str
    version: int
    command: Command
    principal: Principal
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class CommandResponse:
    """The case's version after the command, and the response. A repeated request gets the first response."""

    version: int
    body: str


class CaseNotFound(Exception):
    """No case has this id, or the principal has no right to the case: nobody can tell which."""


class VersionConflict(Exception):
    """Somebody else changed the case first. `case` is the present one, for a new decision."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"the case is at version {case.version}")
        self.case = case


class IdempotencyKeyReused(Exception):
    """Another request used the key within its lifetime; this one has no effect."""


def execute_command(request: CommandRequest, work: Work[Store], city: City, render: Render) -> CommandResponse:
    """Raises CaseNotFound, NotAllowed (of access), TransitionNotAllowed, VersionConflict, IdempotencyKeyReused,
    PromiseNotOpen, InvalidCommand. The caller must then roll the transaction back.

    Every transaction claims the key first, then locks the case, then writes the audit: so no two wait for each other.
    A key belongs to its sender; two senders may choose the same.
    """
    record = request.key and IdempotencyRecord(
        f"{request.principal.subject} {request.key.value}", request.key.fingerprint, work.now
    )
    earlier = record and _earlier_response(record, work)
    if earlier:
        return earlier
    result = _apply(request, work, city)
    response = CommandResponse(result.case.version, render(result.case))
    if record:
        work.store.save_response(replace(record, version=response.version, answer=response.body))
    work.store.audit.append(_audit_entry(request, result, work.now))
    return response


def _earlier_response(record: IdempotencyRecord, work: Work[Store]) -> CommandResponse | None:
    stored = work.store.claim_idempotency_key(record, work.now - KEY_LIFETIME)
    if stored.fingerprint != record.fingerprint:
        raise IdempotencyKeyReused
    return CommandResponse(stored.version, stored.answer) if stored.answer else None


def _apply(request: CommandRequest, work: Work[Store], city: City) -> CommandResult:
    case = work.store.lock(request.case_id)
    if case is None:
        raise CaseNotFound
    if not may_read(request.principal, case) and not may_execute(request.principal, case, request.command):
        raise CaseNotFound
    require(request.principal, permission_for(case, request.command), case.team, case.area)
    if case.version != request.version:
        raise VersionConflict(case)
    promises = work.store.promises(case.case_id)
    result = apply_command(case, request.command, city, request.principal.subject, work.now, promises)
    if not save_result(case, result, request.command, work):
        raise VersionConflict(work.store.case(case.case_id) or case)
    return result


def _audit_entry(request: CommandRequest, result: CommandResult, now: datetime) -> Entry:
    entry = result.entry
    details: dict[str, Code] = {"version": entry.version, "before": entry.before, "after": entry.after}
    if entry.team != entry.from_team:
        details |= {"from_team": entry.from_team, "team": entry.team}
    if isinstance(request.command, Assign):
        details |= {"assignee": entry.assignee}
    action = request.command.spec.audit_action
    return Entry(now, request.principal.subject, action, f"case:{entry.case_id}", details)


def save_result(
    before: Case, result: CommandResult, command: Command, work: Work[Store], cause: Event[Any] | None = None
) -> bool:
    """Save the result of a command and publish its events; False, without effect, if the stored case is another one."""
    if not work.store.save(result.case, result.entry):
        return False
    work.store.save_promises(result.promises)
    update_tasks(before, result.case, work.store)
    if command.spec.settles_answer:
        work.store.set_task(result.case.case_id, ANSWERED_TASK, is_open=False)
    for event in new_events(result.events, before.sequence, work.now, cause):
        work.publish(event)
        if event.data is result.event:
            messages = officer_messages(result.case, command, result.entry, event.id, event.sequence, work.now)
            work.publish(*(new_event(text, sequence=event.sequence, time=work.now, cause=event) for text in messages))
    return True


def new_events(
    pending: Iterable[PendingEvent], sequence: int, now: datetime, cause: Event[Any] | None
) -> Iterator[Event[Any]]:
    """Return the events with consecutive sequences after `sequence`."""
    for number, event in enumerate(pending, sequence + 1):
        yield new_event(event.data, sequence=number, time=event.at, recorded=now, cause=cause)


def update_tasks(before: Case, case: Case, store: Store) -> None:
    """A command only ends the tasks of missed promises, silence and unanswered questions; deadline checks open them.

    A case outside triage has a task of that kind when its team is gone and no rule names another one.
    """
    if TRIAGE in (before.state, case.state) or case.team != before.team or case.state not in OPEN_STATES:
        store.set_task(case.case_id, is_open=case.state == TRIAGE)
    if before.promise == MISSED and case.promise != MISSED:
        store.set_task(case.case_id, MISSED_TASK, is_open=False)
    if question_is_over(before, case):
        store.set_task(case.case_id, UNANSWERED_TASK, is_open=False)
    answered = before.silent_at is None and case.silent_at is not None
    if answered or case.state not in OPEN_STATES:
        store.set_task(case.case_id, SILENT_TASK, is_open=False)
