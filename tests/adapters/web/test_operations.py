"""Health, ledger, metrics, and the description of the API."""

import pytest
from openapi_spec_validator import validate

from concord_web import HealthRoutes


def test_alive_and_ready(serve):
    running = serve()
    assert running.ask("GET", "/healthz").status == 200
    assert running.ask("GET", "/readyz").json == {"ready": True, "reasons": [], "warnings": ["a queue is full"]}
    running.ask("GET", "/unready")
    reply = running.ask("GET", "/readyz")
    assert reply.status == 503
    assert reply.json == {"ready": False, "reasons": ["the broker cannot be reached"], "warnings": []}
    assert running.ask("GET", "/healthz").status == 200


def test_the_ledger_is_behind_the_guard(server):
    assert server.ask("GET", "/v1/ledger", Authorization="Bearer letmein").json == {"outbox": 3}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic letmein"}):
        assert server.ask("GET", "/v1/ledger", **headers).status == 401


def test_without_a_guard_nobody_sees_the_ledger():
    with pytest.raises(NotImplementedError, match="AccessRoutes"):
        HealthRoutes().get_ledger(None)


def test_metrics_are_prometheus_text(server):
    reply = server.ask("GET", "/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert "concord_http_connections 1.0" in reply.body.decode()


def test_the_description_is_valid_openapi(server):
    document = server.ask("GET", "/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    operation = document["paths"]["/concerns"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Concern"}
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    assert document["paths"]["/v1/ledger"]["get"]["security"] == [{"operators": []}]
    for path in document["paths"].values():
        for operation in path.values():
            assert "500" in operation["responses"]
