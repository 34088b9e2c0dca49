"""What every service tells its keepers: alive, ready, metrics, and the ledger of what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder

from concord_web.extension import http
from concord_web.request import Request
from concord_web.response import Response, json_response


class HealthLike(Protocol):
    """Ready, or the reasons why not, each a sentence."""

    @property
    def ready(self) -> bool: ...
    @property
    def reasons(self) -> Sequence[str]: ...


class HealthRoutes:
    """Mix into a service class: GET /healthz, /readyz, /metrics and /v1/ledger.

    By default health and ledger are those of the service's `bus`; override `health` and `ledger` to say
    more. `metrics_registry` replaces prometheus_client's own. The ledger needs `config["web"]["ops_token"]`,
    unless `guard` is overridden.
    """

    bus: Any
    metrics_registry: CollectorRegistry = REGISTRY

    def health(self) -> HealthLike:
        found: HealthLike = self.bus.health()
        return found

    def ledger(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.bus.ledger()
        return found

    def guard(self, request: Request) -> None:
        """Lets the service's keepers through. Raises what the service's `problems` answer with 401 or 403."""
        request.require_operator()

    @http("GET", "/healthz", summary="Is the process alive", tags=["operations"], responses={200: "It is."})
    def get_healthz(self, request: Request) -> Response:
        return json_response({"status": "alive"})

    @http(
        "GET",
        "/readyz",
        summary="Can it do its work now",
        tags=["operations"],
        responses={200: "Ready.", 503: "Not ready; `reasons` say why."},
    )
    def get_readyz(self, request: Request) -> Response:
        health = self.health()
        body = {"ready": health.ready, "reasons": list(health.reasons)}
        return json_response(body, 200 if health.ready else 503)

    @http(
        "GET",
        "/metrics",
        summary="Measures for Prometheus",
        tags=["operations"],
        responses={200: "Prometheus text."},
        response_type="text/plain",
    )
    def get_metrics(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.metrics_registry), content_type=content_type)

    @http(
        "GET",
        "/v1/ledger",
        summary="What the service accounts for",
        tags=["operations"],
        responses={200: "Counts by name."},
        secured=True,
    )
    def get_ledger(self, request: Request) -> Response:
        self.guard(request)
        return json_response(self.ledger())
