"""Carry out a person's order on a case: once, on the version they saw, with one entry and one event."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concord_access import Principal, require
from concord_access.domain.audit_entry import Code, Entry
from concord_bus.ports import Work
from concord_city import City
from concord_routing.application.effects import take_effect
from concord_routing.domain.acts import ACTS, action_for
from concord_routing.domain.case import Case
from concord_routing.domain.command_execution import Done, perform
from concord_routing.domain.commands import Order
from concord_routing.ports import KeyClaim, Store

KEY_LIFETIME = timedelta(hours=24)

Render = Callable[[Case], str]
"""The answer to a command, from the case as it is afterwards."""


@dataclass(frozen=True, slots=True)
class Key:
    """An `Idempotency-Key` and a digest of the request it came with."""

    value: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """Carry out `order` on a case, if it still has the `version` that `who` saw; with `key`, once only."""

    case_id: str
    version: int
    order: Order
    who: Principal
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The case's version after the command, and the answer. A repeated request gets the first one's."""

    version: int
    body: str


class NoSuchCase(Exception):
    """There is no case of this id."""


class Stale(Exception):
    """Somebody was quicker: `case` is what it is now. Look at it and decide again."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"the case is at version {case.version}")
        self.case = case


class KeyReused(Exception):
    """The key was used for another request within its lifetime; nothing was done."""


class CommandHandler:
    """Handles commands for one city."""

    def __init__(self, city: City, render: Render) -> None:
        self._city = city
        self._render = render

    def __call__(self, command: Command, work: Work[Store]) -> Answered:
        """Raises NoSuchCase, NotAllowed (of access, of the workflow), Stale, KeyReused, BadOrder: the transaction must
        then be rolled back.

        The key is claimed before the case is locked, and the audit comes last, for everybody: so nobody waits in a
        circle. A key is its sender's own: two may choose the same.
        """
        claim = command.key and KeyClaim(
            f"{command.who.subject} {command.key.value}", command.key.fingerprint, work.now
        )
        earlier = claim and _earlier(claim, work)
        if earlier:
            return earlier
        done = self._perform(command, work)
        answered = Answered(done.case.version, self._render(done.case))
        if claim:
            work.store.answer_key(replace(claim, version=answered.version, answer=answered.body))
        work.store.audit.append(_trace(command, done, work.now))
        return answered

    def _perform(self, command: Command, work: Work[Store]) -> Done:
        case = work.store.lock(command.case_id)
        if case is None:
            raise NoSuchCase
        require(command.who, action_for(case, command.order.command), case.team, case.area)
        if case.version != command.version:
            raise Stale(case)
        promises = work.store.promises(case.case_id)
        done = perform(case, command.order, self._city, command.who.subject, work.now, promises)
        if not take_effect(case, done, command.order, work):
            raise Stale(work.store.case(case.case_id) or case)
        return done


def _trace(command: Command, done: Done, now: datetime) -> Entry:
    entry = done.entry
    details: dict[str, Code] = {"version": entry.version, "before": entry.before, "after": entry.after}
    if entry.team != entry.from_team:
        details |= {"from_team": entry.from_team, "team": entry.team}
    return Entry(now, command.who.subject, ACTS[entry.command].done, f"case:{entry.case_id}", details)


def _earlier(claim: KeyClaim, work: Work[Store]) -> Answered | None:
    """The answer that this request got before, if it did."""
    held = work.store.claim_key(claim, work.now - KEY_LIFETIME)
    if held.fingerprint != claim.fingerprint:
        raise KeyReused
    return Answered(held.version, held.answer) if held.answer else None
