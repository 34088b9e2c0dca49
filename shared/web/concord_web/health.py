"""Operational routes of every service: health, readiness, metrics and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder

from concord_web.extension import http
from concord_web.request import Request
from concord_web.response import Response, json_response


class HealthRoutes:
    """Mix into a service class: GET /healthz, /readyz, /metrics and /v1/ledger.

    `health`, `warnings` and `ledger` come from the service's `bus`; override them to add more. `metrics_registry`
    replaces prometheus_client's own. The ledger needs a `guard`: mix in AccessRoutes before this class.
    """

    bus: Any
    metrics_registry: CollectorRegistry = REGISTRY

    def health(self) -> Sequence[str]:
        """Return the reasons that the service is not ready, one sentence each."""
        found: Sequence[str] = self.bus.health()
        return found

    def warnings(self) -> Sequence[str]:
        """Return the faults to mend although the service can do its work, one sentence each."""
        found: Sequence[str] = self.bus.warnings()
        return found

    def ledger(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.bus.ledger()
        return found

    def guard(self, request: Request) -> None:
        """Raise an error for a sender who may not see operational data; the table of problems makes it 401 or 403."""
        raise NotImplementedError("mix in AccessRoutes before HealthRoutes, or override guard")

    @http("GET", "/healthz", summary="Whether the process is alive", tags=["operations"], responses={200: "Alive."})
    def get_healthz(self, request: Request) -> Response:
        return json_response({"status": "alive"})

    @http(
        "GET",
        "/readyz",
        summary="Whether the service can do its work",
        tags=["operations"],
        responses={200: "Ready; `warnings` lists what to mend.", 503: "Not ready; `reasons` lists why."},
    )
    def get_readyz(self, request: Request) -> Response:
        reasons = list(self.health())
        body = {"ready": not reasons, "reasons": reasons, "warnings": list(self.warnings())}
        return json_response(body, 503 if reasons else 200)

    @http(
        "GET",
        "/metrics",
        summary="Prometheus metrics",
        tags=["operations"],
        responses={200: "Metrics in Prometheus text format."},
        response_type="text/plain",
    )
    def get_metrics(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.metrics_registry), content_type=content_type)

    @http(
        "GET",
        "/v1/ledger",
        summary="Counts of the service, for reconciliation",
        tags=["operations"],
        responses={200: "Counts by name."},
        secured=True,
    )
    def get_ledger(self, request: Request) -> Response:
        self.guard(request)
        return json_response(self.ledger())
