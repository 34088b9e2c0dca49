"""What was promised about one concern and what became of it, from routing's events in any order, late or twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event
from concord_contracts.messages import PromiseAtRisk, PromiseKept, PromiseMade, PromiseMissed, PromiseRenegotiated

PENDING = "pending"
AT_RISK = "at_risk"
KEPT = "kept"
MISSED = "missed"


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """How a promise stands since the event of this sequence, and by when it is (or was) to be done, UTC."""

    sequence: int
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Promise:
    """One promise. `renegotiations` are the sequences of the events that gave another time, in their order."""

    promise_id: str
    case_id: str
    kind: str
    standing: Standing
    renegotiations: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        return self.standing.state

    @property
    def due_at(self) -> datetime:
        return self.standing.due_at


Promises = tuple[Promise, ...]
"""In the order of their ids, each once."""
NO_PROMISES: Promises = ()


def promised(event: Event[Any]) -> Promises:
    """The promises that this event tells of. Raises KeyError for a class of data that tells of none."""
    data, sequence = event.data, event.sequence
    state = STATES[type(data)]
    again = (sequence,) if isinstance(data, PromiseRenegotiated) else ()
    told = {
        each.promise_id: Promise(
            each.promise_id, data.case_id, each.promise, Standing(sequence, state, each.due_at), again
        )
        for each in (data.promises if isinstance(data, PromiseMade) else (data,))
    }
    return tuple(told[each] for each in sorted(told))


def joined(known: Promises, told: Promises) -> Promises:
    """Both tellings together: of each promise the standing with the highest sequence."""
    if not known or not told or known == told:
        return known or told
    found = {each.promise_id: each for each in known}
    for each in told:
        old = found.get(each.promise_id)
        found[each.promise_id] = each if old is None else _join(old, each)
    return tuple(found[each] for each in sorted(found))


def _join(one: Promise, other: Promise) -> Promise:
    case_id, kind = max((one.case_id, one.kind), (other.case_id, other.kind))
    again = tuple(sorted({*one.renegotiations, *other.renegotiations}))
    return Promise(one.promise_id, case_id, kind, max(one.standing, other.standing), again)


STATES: Mapping[type[Any], str] = {
    PromiseMade: PENDING,
    PromiseRenegotiated: PENDING,
    PromiseAtRisk: AT_RISK,
    PromiseKept: KEPT,
    PromiseMissed: MISSED,
}
