"""What everybody is told of work on a case: what was done and when, never in whose words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from concord_city import City
from concord_contracts import messages as m
from concord_routing.domain.case import Case
from concord_routing.domain.case_opening import team_name
from concord_routing.domain.commands import Order, Reassign, Reopen
from concord_routing.domain.workflow import waits

Teller = Callable[[Case, Case, Any, City, datetime], Any]


def tell(before: Case, case: Case, order: Order, city: City, now: datetime) -> Any:
    """The data of the event for an order that made `before` into `case` at `now`.

    None for what another service tells: a withdrawal is intake's.
    """
    teller = _TELLERS.get(order.command)
    return teller and teller(before, case, order, city, now)


def _about(case: Case) -> dict[str, Any]:
    return {
        "concern_id": case.concern_id,
        "case_id": case.case_id,
        "category": case.category,
        "area": case.area,
        "team": case.team,
        "channel": case.channel,
        "received_at": case.received_at,
    }


def _at(message: type[Any], field: str) -> Teller:
    """For a message that says no more than when it was."""
    return lambda before, case, order, city, now: message(**_about(case), **{field: now})


def _updated(before: Case, case: Case, order: Order, city: City, now: datetime) -> m.ConcernUpdated:
    return m.ConcernUpdated(**_about(case), updated_at=now, waiting=waits(order))


def _reassigned(before: Case, case: Case, order: Reassign, city: City, now: datetime) -> m.ConcernReassigned:
    return m.ConcernReassigned(
        **_about(case),
        team_name=team_name(city, order.team),
        from_team=before.team,
        reassigned_at=now,
        acknowledge_by=case.acknowledge_by,
        respond_by=case.respond_by,
    )


def _reopened(before: Case, case: Case, order: Reopen, city: City, now: datetime) -> m.ConcernReopened:
    return m.ConcernReopened(
        **_about(case),
        initiator=order.initiator,
        reopened_at=now,
        acknowledge_by=case.acknowledge_by,
        respond_by=case.respond_by,
    )


def _closed(before: Case, case: Case, order: Order, city: City, now: datetime) -> m.ConcernClosed:
    return m.ConcernClosed(**_about(case), closed_at=now, after=before.state)


_TELLERS: Mapping[str, Teller] = {
    "acknowledge": _at(m.ConcernAcknowledged, "acknowledged_at"),
    "update": _updated,
    "promise": _updated,
    "refer": _at(m.ConcernReferred, "referred_at"),
    "resolve": _at(m.ConcernResolved, "resolved_at"),
    "decline": _at(m.ConcernDeclined, "declined_at"),
    "reopen": _reopened,
    "reassign": _reassigned,
    "close": _closed,
}
