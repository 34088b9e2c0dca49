"""What is known of each service and of the broker, look after look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from concord_metrics.ops.broker_status import Broker
from concord_metrics.ops.bus_counters import Pace, Spine, pace

READY, UNREADY, AWAY, UNKNOWN = "ready", "unready", "away", "unknown"
KEPT = 60
"""Rates of so many looks are kept for the small chart."""
DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a service found: why it is not ready, and its counters."""

    reasons: Sequence[str]
    spine: Spine


@dataclass(frozen=True, slots=True)
class Sight:
    """A service as it stands. `since` is when its state began, `seen` when it last answered.

    While it is away `reasons` say how, and the counters are the last ones known.
    """

    name: str
    state: str = UNKNOWN
    since: datetime | None = None
    seen: datetime | None = None
    reasons: Sequence[str] = ()
    spine: Spine | None = None
    pace: Pace | None = None
    rates: tuple[float | None, ...] = ()


def seen(before: Sight, look: Look, now: datetime) -> Sight:
    """The service answered."""
    state = UNREADY if look.reasons else READY
    found = pace(before.spine, look.spine) if before.spine and before.state != AWAY else None
    return replace(
        before,
        state=state,
        since=before.since if before.state == state else now,
        seen=now,
        reasons=tuple(look.reasons),
        spine=look.spine,
        pace=found,
        rates=_longer(before.rates, found.read + found.sent if found else None),
    )


def missed(before: Sight, reason: str, now: datetime) -> Sight:
    """The service did not answer."""
    since = before.since if before.state == AWAY else now
    rates = _longer(before.rates, None)
    return replace(before, state=AWAY, since=since, reasons=(reason,), pace=None, rates=rates)


def _longer(rates: tuple[float | None, ...], rate: float | None) -> tuple[float | None, ...]:
    return (*rates, rate)[-KEPT:]


@dataclass(frozen=True, slots=True)
class BrokerSight:
    """The broker as it stands: ready, unready (an alarm, a partition), away or unknown. `found` is the last known."""

    state: str = UNKNOWN
    since: datetime | None = None
    reasons: Sequence[str] = ()
    found: Broker | None = None


def broker_seen(before: BrokerSight, found: Broker, now: datetime) -> BrokerSight:
    state = UNREADY if found.problems else READY
    return BrokerSight(state, _since(before, state, now), tuple(found.problems), found)


def broker_inferred(before: BrokerSight, sights: Sequence[Sight], reason: str | None, now: datetime) -> BrokerSight:
    """From the connections of the services that answer; `reason` is why the management API did not, if it was asked."""
    answering = [each.spine for each in sights if each.spine and each.state in (READY, UNREADY)]
    if any(each.connected for each in answering):
        said = (f"management API: {reason}",) if reason else ()
        return BrokerSight(READY, _since(before, READY, now), said, before.found)
    state = AWAY if answering else UNKNOWN
    said = ("no service is connected to it",) if answering else ()
    return BrokerSight(state, _since(before, state, now), said, before.found)


def _since(before: BrokerSight, state: str, now: datetime) -> datetime | None:
    return before.since if before.state == state else now


def platform(sights: Sequence[Sight], broker: BrokerSight, now: datetime) -> dict[str, Any]:
    """All of it as the JSON of the page."""
    queues = broker.found.queues if broker.found and broker.state in (READY, UNREADY) else {}
    return {
        "at": now,
        "services": [_service(each, queues.get(each.name)) for each in sights],
        "broker": {
            "state": broker.state,
            "since": broker.since,
            "reasons": list(broker.reasons),
            "version": broker.found.version if broker.found else None,
            "nodes": broker.found.nodes if broker.found else None,
            "log": broker.found.log if broker.found else None,
        },
    }


def _service(sight: Sight, queue: int | None) -> dict[str, Any]:
    spine = sight.spine
    known: Callable[[str], Any] = lambda name: getattr(spine, name) if spine else None  # noqa: E731
    return {
        "name": sight.name,
        "state": sight.state,
        "since": sight.since,
        "seen": sight.seen,
        "reasons": list(sight.reasons),
        "rates": list(sight.rates),
        "pace": _pace(sight.pace),
        "queue": queue,
        "database": _database(sight),
        "broker": sorted(spine.connected) if spine and sight.state != AWAY else None,
        "success": known("success"),
        **{name: known(name) for name in DEPTHS},
    }


DEPTHS = ("outbox", "outbox_age", "waiting", "parked", "unroutable_private", "memory", "delivered", "failed")


def _pace(found: Pace | None) -> Mapping[str, float | None] | None:
    if found is None:
        return None
    return {"read": found.read, "sent": found.sent, "batch": found.batch, "message": found.message}


def _database(sight: Sight) -> str:
    if sight.state in (AWAY, UNKNOWN):
        return UNKNOWN
    return AWAY if any(DATABASE in each for each in sight.reasons) else READY
