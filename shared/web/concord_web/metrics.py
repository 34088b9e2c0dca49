"""Prometheus metrics of the server. Dashboards use these names; the labels have few values."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"


class WebMetrics:
    """The metrics of one registry.

    - concord_http_requests_total{method,route,status}: responses. `status` is a class such as 2xx; `route` is the
      template.
    - concord_http_request_seconds{method,route}: seconds from the end of the head to the end of the response.
    - concord_http_connections: open connections.
    - concord_http_streams: requests whose streamed body arrives now.
    - concord_http_limited_total{limit}: requests and lines beyond a limit of the client.
    - concord_http_refused_total{reason}: connections closed for others (full, evicted, descriptors), beyond a client's
      share (share), for a bad head (bad_request, slow_head), or streams without a free slot (streams).
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "concord_http_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "concord_http_request_seconds",
            "Seconds from the end of the request's head to the end of the response",
            ["method", "route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.connections = Gauge("concord_http_connections", "Connections open now", registry=registry)
        self.streams = Gauge("concord_http_streams", "Streamed request bodies open now", registry=registry)
        self.refused = Counter("concord_http_refused", "Connections refused or given up", ["reason"], registry=registry)
        self.limited = Counter("concord_http_limited", "Requests refused by a limit", ["limit"], registry=registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one response."""
        key = (method if method in METHODS else "other", route, status // 100)
        children = self._children.get(key)
        if children is None:
            requests = self.requests.labels(key[0], route, f"{key[2]}xx")
            children = self._children[key] = (requests, self.seconds.labels(key[0], route))
        children[0].inc()
        children[1].observe(seconds)


_of_registry: WeakKeyDictionary[CollectorRegistry, WebMetrics] = WeakKeyDictionary()


def web_metrics(registry: CollectorRegistry | None = None) -> WebMetrics:
    """Return the metrics of a registry; two services in one process share them."""
    registry = registry or REGISTRY
    found = _of_registry.get(registry)
    if found is None:
        found = _of_registry[registry] = WebMetrics(registry)
    return found
