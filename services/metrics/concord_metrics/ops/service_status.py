"""Status of each service and of the broker, from one probe to the next, and its JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from concord_metrics.ops.broker_status import Broker
from concord_metrics.ops.bus_counters import BusCounters, Rates, rates_between

READY, UNREADY, AWAY, UNKNOWN = "ready", "unready", "away", "unknown"
MAX_RATES = 60
"""Points of the small chart."""
DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Probe:
    """Result of one probe: the reasons why the service is not ready, and its counters."""

    reasons: Sequence[str]
    counters: BusCounters


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Status of a service. `since` is the start of its state, `seen` the time of its last response.

    While the service is away, `reasons` gives the error and `counters` holds the last known values.
    """

    name: str
    state: str = UNKNOWN
    since: datetime | None = None
    seen: datetime | None = None
    reasons: Sequence[str] = ()
    counters: BusCounters | None = None
    current: Rates | None = None
    rates: tuple[float | None, ...] = ()


def after_response(before: ServiceStatus, probe: Probe, now: datetime) -> ServiceStatus:
    """The status after a response of the service."""
    state = UNREADY if probe.reasons else READY
    comparable = before.counters is not None and before.state != AWAY
    current = rates_between(before.counters, probe.counters) if before.counters and comparable else None
    return replace(
        before,
        state=state,
        since=before.since if before.state == state else now,
        seen=now,
        reasons=tuple(probe.reasons),
        counters=probe.counters,
        current=current,
        rates=_append(before.rates, current.read + current.sent if current else None),
    )


def after_failure(before: ServiceStatus, reason: str, now: datetime) -> ServiceStatus:
    """The status after a failed probe."""
    since = before.since if before.state == AWAY else now
    rates = _append(before.rates, None)
    return replace(before, state=AWAY, since=since, reasons=(reason,), current=None, rates=rates)


def _append(rates: tuple[float | None, ...], rate: float | None) -> tuple[float | None, ...]:
    return (*rates, rate)[-MAX_RATES:]


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """Status of the broker: ready, unready (an alarm, a partition), away or unknown. `details` is the last known."""

    state: str = UNKNOWN
    since: datetime | None = None
    reasons: Sequence[str] = ()
    details: Broker | None = None

    def become(self, state: str, reasons: Sequence[str], now: datetime, details: Broker | None) -> "BrokerStatus":
        return BrokerStatus(state, self.since if self.state == state else now, tuple(reasons), details)


def broker_from_api(before: BrokerStatus, details: Broker, now: datetime) -> BrokerStatus:
    return before.become(UNREADY if details.problems else READY, details.problems, now, details)


def broker_from_services(
    before: BrokerStatus, services: Sequence[ServiceStatus], reason: str | None, now: datetime
) -> BrokerStatus:
    """The status from the connections of the services that respond; `reason` is the error of the management API."""
    responding = [service.counters for service in services if service.counters and service.state in (READY, UNREADY)]
    if any(counters.connected for counters in responding):
        reasons = (f"management API: {reason}",) if reason else ()
        return before.become(READY, reasons, now, before.details)
    if responding:
        return before.become(AWAY, ("no service is connected to it",), now, before.details)
    return before.become(UNKNOWN, (), now, before.details)


def platform_json(services: Sequence[ServiceStatus], broker: BrokerStatus, now: datetime) -> dict[str, Any]:
    """All statuses as the JSON of the page."""
    details = broker.details
    queues = details.queues if details and broker.state in (READY, UNREADY) else {}
    return {
        "at": now,
        "services": [_service_json(service, queues.get(service.name)) for service in services],
        "broker": {
            "state": broker.state,
            "since": broker.since,
            "reasons": list(broker.reasons),
            **{name: getattr(details, name, None) for name in ("version", "nodes", "log")},
        },
    }


def _service_json(service: ServiceStatus, queue: int | None) -> dict[str, Any]:
    counters = service.counters
    return {
        **{name: getattr(service, name) for name in ("name", "state", "since", "seen", "reasons", "rates")},
        "pace": asdict(service.current) if service.current else None,
        "queue": queue,
        "database": _database(service),
        "broker": sorted(counters.connected) if counters and service.state != AWAY else None,
        **{name: getattr(counters, name, None) for name in COUNTERS},
    }


COUNTERS = (
    "success",
    "outbox",
    "outbox_age",
    "waiting",
    "parked",
    "unroutable_private",
    "memory",
    "delivered",
    "failed",
)


def _database(service: ServiceStatus) -> str:
    if service.state in (AWAY, UNKNOWN):
        return UNKNOWN
    return AWAY if any(DATABASE in reason for reason in service.reasons) else READY
