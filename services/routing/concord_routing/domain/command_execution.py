"""Carrying out an order: the case and its promises afterwards, the entry in its history, what everybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from concord_city import City
from concord_routing.domain import commands as o
from concord_routing.domain import promise_telling as of_promise
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.commands import BadOrder, Order
from concord_routing.domain.events import tell
from concord_routing.domain.history import Entry
from concord_routing.domain.promise import KEPT, MISSED, OPEN, Promise, after, standing
from concord_routing.domain.promising import agreed, new_promises
from concord_routing.domain.renegotiating import check_due, renegotiated
from concord_routing.domain.renewal import renewed
from concord_routing.domain.silence import listened
from concord_routing.domain.workflow import transition


@dataclass(frozen=True, slots=True)
class Fact:
    """The data of one public event, and when it was so (UTC)."""

    data: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What an order came to.

    `facts` are all that is told, in order; they take consecutive sequences of which the case has the last. `told` is
    the data of the one that is about the order itself; None when another service tells it. `promises` are those that
    were made or changed.
    """

    case: Case
    entry: Entry
    told: Any
    facts: tuple[Fact, ...]
    promises: tuple[Promise, ...] = ()


def perform(case: Case, order: Order, city: City, actor: str, now: datetime, promises: Sequence[Promise] = ()) -> Done:
    """Carry out an order at `now` (UTC) on a case with all its `promises`.

    Raises NotAllowed for the case's state, PromiseOver for a promise's, BadOrder naming a field.
    """
    target = transition(case, order).target
    worked = replace(_changed(case, order, city, now), state=target, version=case.version + 1)
    kept, told = _kept(worked, order, city, now, promises)
    if told is None:
        told = tell(case, worked, order, city, now)
    made = _made(case, worked, order, city, now, len(promises) + 1)
    facts = _facts(worked, promises, kept, made, told, now)
    worked = replace(
        listened(case, _retimed(worked, kept, order), order.command, city, now),
        sequence=case.sequence + len(facts),
        promise=standing((*kept, *made)),
    )
    changed = tuple(each for each, before in zip(kept, promises, strict=True) if each != before)
    return Done(worked, _entry(case, worked, order, actor, now), told, facts, (*changed, *made))


def _changed(case: Case, order: Order, city: City, now: datetime) -> Case:
    if isinstance(order, o.Reassign):
        _check_team(case, order.team, city)
        moved = replace(case, team=order.team)
        return _promised(moved, city, now) if case.state == TRIAGE else moved
    if isinstance(order, o.Reopen):
        return _promised(case, city, now)
    return case


def _check_team(case: Case, team: str, city: City) -> None:
    if team not in city.teams:
        raise BadOrder("team", f"There is no such team; use one of: {', '.join(city.teams)}.")
    if team == case.team:
        raise BadOrder("team", "This team has the case already; name another one.")


def _promised(case: Case, city: City, now: datetime) -> Case:
    due = renewed(city, case, case.team, now) if case.team else None
    return replace(case, acknowledge_by=due.acknowledge_by if due else None, respond_by=due.respond_by if due else None)


def _kept(
    case: Case, order: Order, city: City, now: datetime, promises: Sequence[Promise]
) -> tuple[list[Promise], Any]:
    """The promises that there were, as the order leaves them; and what is told of it where the order is about one."""
    if isinstance(order, o.Renegotiate):
        before, moved = renegotiated(order, promises, city, now)
        told = of_promise.renegotiated(case, moved, before.due_at, now)
        return [moved if each is before else each for each in promises], told
    fulfils = isinstance(order, o.Update) and order.keeps_promise
    return [after(each, order.command, now, agreed=fulfils) for each in promises], None


def _made(before: Case, case: Case, order: Order, city: City, now: datetime, number: int) -> tuple[Promise, ...]:
    if isinstance(order, o.GivePromise):
        check_due(order.due_at, now)
        return (agreed(case, city, number, order.due_at, now),)
    if isinstance(order, o.Reopen) or (isinstance(order, o.Reassign) and before.state == TRIAGE):
        return new_promises(case, city, number, now)
    return ()


def _facts(
    case: Case, before: Sequence[Promise], kept: Sequence[Promise], made: Sequence[Promise], told: Any, now: datetime
) -> tuple[Fact, ...]:
    """What was missed came first, then the order itself, then what it kept and promised."""
    ended = [each for each, was in zip(kept, before, strict=True) if was.state == OPEN]
    return (
        *(Fact(of_promise.missed(case, each), each.due_at) for each in ended if each.state == MISSED),
        *([] if told is None else [Fact(told, now)]),
        *(Fact(of_promise.kept(case, each), now) for each in ended if each.state == KEPT),
        *([Fact(of_promise.made(case, made), now)] if made else []),
    )


def _retimed(case: Case, kept: Sequence[Promise], order: Order) -> Case:
    """The promised times that the case shows, when one of them was renegotiated."""
    if not isinstance(order, o.Renegotiate):
        return case
    due = {each.kind: each.due_at for each in kept if each.state == OPEN}
    return replace(
        case,
        acknowledge_by=due.get("acknowledgement", case.acknowledge_by),
        respond_by=due.get("response", case.respond_by),
    )


def _entry(case: Case, worked: Case, order: Order, actor: str, now: datetime) -> Entry:
    entry = Entry(case.case_id, worked.version, now, actor, order.command, case.state, worked.state)
    if isinstance(order, o.Update):
        return replace(entry, message=order.message)
    if isinstance(order, o.GivePromise):
        return replace(entry, message=order.message, due_at=order.due_at)
    if isinstance(order, o.Renegotiate):
        return replace(entry, reason=order.reason, due_at=order.due_at)
    if isinstance(order, o.Refer):
        return replace(entry, reason=order.reason, referred_to=order.to)
    if isinstance(order, o.Decline):
        return replace(entry, reason=order.reason, where_to_go=order.where_to_go)
    if isinstance(order, o.Resolve | o.Reopen):
        return replace(entry, reason=order.reason)
    if isinstance(order, o.Reassign):
        return replace(entry, from_team=case.team, team=order.team)
    return entry
