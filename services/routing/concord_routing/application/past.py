"""A concern with a past: what became of it before Concord heard of it, told with the times at which it was so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.command_execution import perform
from concord_routing.domain.commands import Resolve
from concord_routing.domain.promise import BY_HISTORY, Promise
from concord_routing.ports import Store

CLOSED_BEFORE = "Closed by the city before Concord had it."


def decided(submitted: Event[ConcernSubmitted], now: datetime) -> datetime:
    """When the case counts as decided: now, or as long after a past submission as it took us now."""
    return now if submitted.recorded is None else submitted.time + max(now - submitted.recorded, timedelta(0))


def live_through(
    case: Case, promises: Sequence[Promise], city: City, cause: Event[ConcernSubmitted], work: Work[Store]
) -> None:
    """Resolve a case just opened, at the time at which the city closed it. One without a team stays with a person.

    No words go to the reporter: none are known.
    """
    closed_at = cause.data.closed_at
    if closed_at is None or case.state == TRIAGE:
        return
    done = perform(case, Resolve(CLOSED_BEFORE), city, BY_HISTORY, max(closed_at, case.decided_at), promises)
    work.store.keep(done.case, done.entry)
    work.store.keep_promises(done.promises)
    for sequence, fact in enumerate(done.facts, case.sequence + 1):
        work.publish(new_event(fact.data, sequence=sequence, time=fact.at, recorded=work.now, cause=cause))
