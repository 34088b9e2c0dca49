"""Polls every service and the broker at the same time, each with its own time limit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any

import eventlet
from prometheus_client import REGISTRY, CollectorRegistry

from concord_bus.runtime import BusRuntime
from concord_http import HttpClient, HttpError, InvalidJsonError, InvalidResponseError, Response
from concord_metrics.ops.broker_status import broker_from_responses
from concord_metrics.ops.bus_counters import bus_counters
from concord_metrics.ops.http_probe import broker_responses, checked, management_client
from concord_metrics.ops.metrics_parser import WANTED, from_families, from_text
from concord_metrics.ops.service_status import (
    BrokerStatus,
    Probe,
    ServiceStatus,
    after_failure,
    after_response,
    broker_from_api,
    broker_from_services,
    platform_json,
)
from concord_metrics.ops.settings import OpsSettings

Source = Callable[[], Probe]
"""Probes one service. Raises HttpError."""


def own(runtime: BusRuntime, registry: CollectorRegistry = REGISTRY) -> Source:
    """Probe this process without HTTP, and without the measures, which cost most of a scrape."""
    wanted = registry.restricted_registry(WANTED)

    def probe() -> Probe:
        return Probe(runtime.health(), bus_counters(from_families(wanted.collect()), monotonic()))

    return probe


def remote(client: HttpClient) -> Source:
    """Probe another process through its `/readyz` and `/metrics`."""

    def probe() -> Probe:
        reasons = _reasons(checked(client.get("/readyz"), "/readyz", 200, 503))
        metrics = checked(client.get("/metrics"), "/metrics", 200)
        try:
            return Probe(reasons, bus_counters(from_text(metrics.text), monotonic()))
        except ValueError:
            raise InvalidResponseError("/metrics is not in Prometheus' text format") from None

    return probe


def _reasons(response: Response) -> list[str]:
    try:
        return [str(reason) for reason in response.json()["reasons"]]
    except (InvalidJsonError, KeyError, TypeError):
        raise InvalidResponseError("/readyz has no list of reasons") from None


class HealthPoller:
    """Keeps the latest statuses. One round at a time."""

    def __init__(self, sources: Mapping[str, Source], settings: OpsSettings, now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._services = {name: ServiceStatus(name) for name in sources}
        self._broker = BrokerStatus()
        self._management = management_client(settings.management, settings.tls) if settings.management else None
        self._vhost = settings.vhost
        self._now = now

    def poll(self) -> None:
        """Run one round; the slowest response bounds its time."""
        pool = eventlet.GreenPool()
        for name in self._sources:
            pool.spawn(self._poll_service, name)
        pool.waitall()
        self._poll_broker()

    def state(self) -> dict[str, Any]:
        return platform_json(list(self._services.values()), self._broker, self._now())

    def _poll_service(self, name: str) -> None:
        before = self._services[name]
        try:
            probe = self._sources[name]()
        except HttpError as error:
            self._services[name] = after_failure(before, str(error), self._now())
        else:
            self._services[name] = after_response(before, probe, self._now())

    def _poll_broker(self) -> None:
        reason = None
        if self._management:
            try:
                details = broker_from_responses(**broker_responses(self._management, self._vhost))
            except HttpError as error:
                reason = str(error)
            else:
                self._broker = broker_from_api(self._broker, details, self._now())
                return
        self._broker = broker_from_services(self._broker, list(self._services.values()), reason, self._now())
