"""What everybody is told of promises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from concord_contracts import messages as m
from concord_routing.domain.promise import Promise


class About(Protocol):
    """What an event says of its case; a Case has it, and so has what a timer reads of one."""

    @property
    def case_id(self) -> str: ...
    @property
    def concern_id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def area(self) -> str | None: ...
    @property
    def team(self) -> str | None: ...
    @property
    def channel(self) -> str: ...


class Told(Protocol):
    """What an event says of a promise."""

    @property
    def promise_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def at_risk_at(self) -> datetime: ...


def _of_case(case: About) -> dict[str, Any]:
    return {
        "concern_id": case.concern_id,
        "case_id": case.case_id,
        "category": case.category,
        "area": case.area,
        "team": case.team,
        "channel": case.channel,
    }


def _of(case: About, promise: Told) -> dict[str, Any]:
    about = {"promise_id": promise.promise_id, "promise": promise.kind, "due_at": promise.due_at}
    return _of_case(case) | about


def made(case: About, promises: Sequence[Promise]) -> m.PromiseMade:
    """Those of one decision, at least one: they were made by the same and at the same time."""
    first = promises[0]
    each = tuple(m.Promised(promise_id=each.promise_id, promise=each.kind, due_at=each.due_at) for each in promises)
    return m.PromiseMade(**_of_case(case), origin=first.origin, made_at=first.made_at, promises=each)


def at_risk(case: About, promise: Told) -> m.PromiseAtRisk:
    return m.PromiseAtRisk(**_of(case, promise), at_risk_at=promise.at_risk_at)


def kept(case: About, promise: Promise) -> m.PromiseKept:
    return m.PromiseKept(**_of(case, promise), kept_at=promise.done_at or promise.due_at)


def missed(case: About, promise: Told) -> m.PromiseMissed:
    """It is missed when its time has passed, whenever that is noticed."""
    return m.PromiseMissed(**_of(case, promise), missed_at=promise.due_at)


def renegotiated(case: About, promise: Promise, before: datetime, now: datetime) -> m.PromiseRenegotiated:
    return m.PromiseRenegotiated(**_of(case, promise), renegotiated_at=now, due_before=before)
