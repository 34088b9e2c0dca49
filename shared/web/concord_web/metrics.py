"""What the server counts. These names are what dashboards are built on; labels are bounded."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"


class WebMetrics:
    """concord_http_requests_total{method,route,status}: answers; status is its class (2xx), route the
    template. concord_http_request_seconds{method,route}: from the end of the head to the end of the answer.
    concord_http_connections: open now. concord_http_refused_total{reason}: connections closed unheard
    (full, evicted, descriptors) or unreadable (bad_request, slow_head).
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "concord_http_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "concord_http_request_seconds",
            "Seconds from the end of the request's head to the end of the answer",
            ["method", "route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.connections = Gauge("concord_http_connections", "Connections open now", registry=registry)
        self.refused = Counter("concord_http_refused", "Connections refused or given up", ["reason"], registry=registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (method if method in METHODS else "other", route, status // 100)
        children = self._children.get(key)
        if children is None:
            count = self.requests.labels(key[0], route, f"{key[2]}xx")
            children = self._children[key] = (count, self.seconds.labels(key[0], route))
        children[0].inc()
        children[1].observe(seconds)


_of_registry: WeakKeyDictionary[CollectorRegistry, WebMetrics] = WeakKeyDictionary()


def web_metrics(registry: CollectorRegistry | None = None) -> WebMetrics:
    """The metrics of a registry, made once: two services in one process share them."""
    registry = registry or REGISTRY
    found = _of_registry.get(registry)
    if found is None:
        found = _of_registry[registry] = WebMetrics(registry)
    return found
