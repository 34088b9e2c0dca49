"""Carrying out an order: the case afterwards, the entry in its history, and what everybody is told."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from concord_city import City
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.history import Entry
from concord_routing.domain.orders import BadOrder, Decline, Order, Reassign, Refer, Reopen, Resolve, Update
from concord_routing.domain.renewal import renewed
from concord_routing.domain.telling import tell
from concord_routing.domain.workflow import transition


@dataclass(frozen=True, slots=True)
class Done:
    """What an order came to. `told` is the data of the one public event."""

    case: Case
    entry: Entry
    told: Any


def perform(case: Case, order: Order, city: City, actor: str, now: datetime) -> Done:
    """Carry out an order at `now` (UTC). Raises NotAllowed for the case's state, BadOrder naming a field."""
    target = transition(case, order).target
    worked = replace(
        _changed(case, order, city, now), state=target, version=case.version + 1, sequence=case.sequence + 1
    )
    return Done(worked, _entry(case, worked, order, actor, now), tell(case, worked, order, city, now))


def _changed(case: Case, order: Order, city: City, now: datetime) -> Case:
    if isinstance(order, Reassign):
        _check_team(case, order.team, city)
        moved = replace(case, team=order.team)
        return _promised(moved, city, now) if case.state == TRIAGE else moved
    if isinstance(order, Reopen):
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


def _entry(case: Case, worked: Case, order: Order, actor: str, now: datetime) -> Entry:
    entry = Entry(case.case_id, worked.version, now, actor, order.command, case.state, worked.state)
    if isinstance(order, Update):
        return replace(entry, message=order.message)
    if isinstance(order, Refer):
        return replace(entry, reason=order.reason, referred_to=order.to)
    if isinstance(order, Decline):
        return replace(entry, reason=order.reason, where_to_go=order.where_to_go)
    if isinstance(order, Resolve | Reopen):
        return replace(entry, reason=order.reason)
    if isinstance(order, Reassign):
        return replace(entry, from_team=case.team, team=order.team)
    return entry
