"""Looks at every service and at the broker, side by side, each within its own time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Any

import eventlet
from prometheus_client import REGISTRY, CollectorRegistry

from concord_bus.runtime import BusRuntime
from concord_http import HttpClient, HttpError, InvalidJsonError, InvalidResponseError, Response
from concord_metrics.ops.broker_status import judge
from concord_metrics.ops.bus_counters import spine
from concord_metrics.ops.http_probe import broker_answers, checked, management_client
from concord_metrics.ops.metrics_parser import WANTED, from_families, from_text
from concord_metrics.ops.service_status import (
    BrokerSight,
    Look,
    Sight,
    broker_inferred,
    broker_seen,
    missed,
    platform,
    seen,
)
from concord_metrics.ops.settings import OpsSettings

Source = Callable[[], Look]
"""Look at one service. Raises HttpError."""


def own(runtime: BusRuntime, registry: CollectorRegistry = REGISTRY) -> Source:
    """This process, without a detour over HTTP and without the measures, which cost most of a scrape."""
    wanted = registry.restricted_registry(WANTED)

    def look() -> Look:
        return Look(runtime.health().reasons, spine(from_families(wanted.collect()), monotonic()))

    return look


def remote(client: HttpClient) -> Source:
    """Another process, by what it shows to Prometheus and to its keepers."""

    def look() -> Look:
        reasons = _reasons(checked(client.get("/readyz"), "/readyz", 200, 503))
        exposed = checked(client.get("/metrics"), "/metrics", 200)
        try:
            return Look(reasons, spine(from_text(exposed.text), monotonic()))
        except ValueError:
            raise InvalidResponseError("/metrics is not in Prometheus' text format") from None

    return look


def _reasons(response: Response) -> list[str]:
    try:
        return [str(each) for each in response.json()["reasons"]]
    except (InvalidJsonError, KeyError, TypeError):
        raise InvalidResponseError("/readyz has no list of reasons") from None


class Lookout:
    """Keeps the latest sights. One round at a time."""

    def __init__(self, sources: Mapping[str, Source], settings: OpsSettings, now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._sights = {name: Sight(name) for name in sources}
        self._broker = BrokerSight()
        self._management = management_client(settings.management) if settings.management else None
        self._vhost = settings.vhost
        self._now = now

    def look(self) -> None:
        """One round, bounded by the slowest response (`asking.LIMITS` for each request)."""
        pool = eventlet.GreenPool()
        for name in self._sources:
            pool.spawn(self._look_at, name)
        pool.waitall()
        self._look_at_broker()

    def state(self) -> dict[str, Any]:
        return platform(list(self._sights.values()), self._broker, self._now())

    def _look_at(self, name: str) -> None:
        try:
            found = self._sources[name]()
        except HttpError as error:
            self._sights[name] = missed(self._sights[name], str(error), self._now())
        else:
            self._sights[name] = seen(self._sights[name], found, self._now())

    def _look_at_broker(self) -> None:
        reason = None
        if self._management:
            try:
                found = judge(**broker_answers(self._management, self._vhost))
            except HttpError as error:
                reason = str(error)
            else:
                self._broker = broker_seen(self._broker, found, self._now())
                return
        self._broker = broker_inferred(self._broker, list(self._sights.values()), reason, self._now())
