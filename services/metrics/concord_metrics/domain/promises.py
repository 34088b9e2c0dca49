"""Promises about one concern and their states, from routing's events in any order, late or repeated."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from concord_contracts import Event
from concord_contracts.messages import PromiseAtRisk, PromiseKept, PromiseMade, PromiseMissed, PromiseRenegotiated

PENDING = "pending"
AT_RISK = "at_risk"
KEPT = "kept"
MISSED = "missed"


class PromiseStatus(NamedTuple):
    """State and due time (UTC) of a promise since the event of this sequence."""

    sequence: int
    state: str
    due_at: datetime


class Promise(NamedTuple):
    """One promise. `renegotiations` holds the sequences of the events that changed its due time, in their order."""

    promise_id: str
    case_id: str
    kind: str
    status: PromiseStatus
    renegotiations: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        return self.status.state

    @property
    def due_at(self) -> datetime:
        return self.status.due_at


Promises = tuple[Promise, ...]
"""Promises in the order of their ids, without repetition."""
NO_PROMISES: Promises = ()


def from_event(event: Event[Any]) -> Promises:
    """The promises that an event states. Raises KeyError for a class of data without any."""
    data, sequence = event.data, event.sequence
    state = STATE_OF[type(data)]
    renegotiations = (sequence,) if isinstance(data, PromiseRenegotiated) else ()
    promises = {
        promise.promise_id: Promise(
            promise.promise_id,
            data.case_id,
            promise.promise,
            PromiseStatus(sequence, state, promise.due_at),
            renegotiations,
        )
        for promise in (data.promises if isinstance(data, PromiseMade) else (data,))
    }
    return _in_order(promises)


def merge(one: Promises, other: Promises) -> Promises:
    """Both together: the status with the highest sequence prevails for each promise."""
    if not one or not other or one == other:
        return one or other
    promises = {promise.promise_id: promise for promise in one}
    for promise in other:
        known = promises.get(promise.promise_id)
        promises[promise.promise_id] = promise if known is None else _merge(known, promise)
    return _in_order(promises)


def _in_order(promises: Mapping[str, Promise]) -> Promises:
    return tuple(promises[promise_id] for promise_id in sorted(promises))


def _merge(one: Promise, other: Promise) -> Promise:
    case_id, kind = max((one.case_id, one.kind), (other.case_id, other.kind))
    renegotiations = tuple(sorted({*one.renegotiations, *other.renegotiations}))
    return Promise(one.promise_id, case_id, kind, max(one.status, other.status), renegotiations)


STATE_OF: Mapping[type[Any], str] = {
    PromiseMade: PENDING,
    PromiseRenegotiated: PENDING,
    PromiseAtRisk: AT_RISK,
    PromiseKept: KEPT,
    PromiseMissed: MISSED,
}
"""The state after an event, by the class of its data."""
