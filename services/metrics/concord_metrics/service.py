"""Metrics as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import tzinfo
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY

from concord_access.service import AccessRoutes
from concord_access.web import ACCESS_PROBLEMS
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import SlowDown
from concord_bus.extensions import Bus, consume
from concord_bus.runner import Assembled
from concord_bus.runtime import BusRuntime
from concord_bus.topology.declared import queues_of
from concord_metrics import answers
from concord_metrics.adapters.prometheus import MeasuresCollector
from concord_metrics.adapters.sql import SqlStore
from concord_metrics.config import Settings
from concord_metrics.domain.period import BadPeriod, read_period
from concord_metrics.domain.tally import NONE
from concord_metrics.handlers import handlers, ledger, summary
from concord_metrics.measures import MEASURES
from concord_web import (
    PROBLEMS,
    HealthRoutes,
    OpenApiRoutes,
    Problem,
    Request,
    Response,
    field_problem,
    http,
    json_response,
)

PARAMETERS = ("from", "to", "area")
LONGEST_AREA = 64


def away(error: SlowDown) -> Problem:
    """The database is away: nothing can be read."""
    detail = f"Our {error.resource} is away for the moment. Please try again shortly."
    return Problem(503, detail=detail, headers={"Retry-After": "5"})


def bad_period(error: BadPeriod) -> Problem:
    return field_problem(error.field, error.detail)


def _parameter(name: str, meaning: str) -> Mapping[str, Any]:
    return {"in": "query", "name": name, "description": meaning, "schema": {"type": "string"}}


class City(DependencyProvider):  # type: ignore[misc]
    """Gives the service the city's time zone and, when it starts, has the sums kept by its days and shown."""

    def setup(self) -> None:
        self.zone: tzinfo = self.container.config["zone"]
        self._runtime: BusRuntime = self.container.config["bus"]
        with self._runtime.work() as work:
            work.store.settle_days(self.zone)
        self._collector = MeasuresCollector(self._sums)
        REGISTRY.register(self._collector)

    def stop(self) -> None:
        REGISTRY.unregister(self._collector)

    def get_dependency(self, worker_ctx: Any) -> tzinfo:
        return self.zone

    def _sums(self) -> Any:
        with self._runtime.read() as store:
            return store.overall()


class MetricsService(AccessRoutes, HealthRoutes, OpenApiRoutes):
    """Measures how concerns fare, from every public event."""

    name = "metrics"
    api_title = "Concord metrics"
    api_description = "How many concerns came in, where they went, how long it took."
    problems = PROBLEMS.extend(ACCESS_PROBLEMS).extend({SlowDown: away, BadPeriod: bad_period})

    bus = Bus()
    zone = City()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @http(
        "GET",
        "/v1/summary",
        summary="Counts and times of concerns that came in during a period",
        description="Without any concern the counts are 0, and what cannot be said of none is null.",
        tags=["measures"],
        responses={200: answers.SummaryAnswer},
        parameters=[
            _parameter("from", "first day (2026-11-22, the city's days) or moment (ISO 8601), included"),
            _parameter("to", "last day, included, or moment, excluded"),
            _parameter("area", f"code of one area; `{answers.NO_AREA}` for concerns without one"),
        ],
    )
    def get_summary(self, request: Request) -> Response:
        area = _arguments(request)
        period = read_period(request.query.arg("from"), request.query.arg("to"), self.zone)
        with self.bus.read() as store:
            found = summary(store, period, NONE if area == answers.NO_AREA else area, self.zone)
        return json_response(answers.summary_answer(found, period, area, str(self.zone)))

    @http(
        "GET",
        "/v1/measures",
        summary="What each measure means",
        tags=["measures"],
        responses={200: answers.MeasuresAnswer},
    )
    def get_measures(self, request: Request) -> Response:
        return json_response({"measures": [asdict(each) for each in MEASURES]})

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts = ledger(store)
        return {**counts, **self.bus.ledger()}


def _arguments(request: Request) -> str | None:
    """The area asked for. Raises Problem 400 for a parameter that is unknown, repeated or too long."""
    for name in request.query:
        if name not in PARAMETERS:
            raise field_problem(name, f"Unknown parameter; {', '.join(PARAMETERS)} can be used.")
        if len(request.query.all(name)) > 1:
            raise field_problem(name, "May be given once.")
    area = request.query.arg("area")
    if area and len(area) > LONGEST_AREA:
        raise field_problem("area", f"May have up to {LONGEST_AREA} characters.")
    return area


def build(env: Mapping[str, str]) -> Assembled:
    """The service, wired. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    queues = queues_of("metrics")
    runtime = BusRuntime("metrics", settings.bus, handlers(settings.zone), SqlStore, queues)
    web = {"host": settings.host, "port": settings.port, "ops_token": settings.ops_token}
    return Assembled(
        MetricsService,
        "concord_metrics",
        {"bus": runtime, "zone": settings.zone, "access": settings.access.authenticator(), "web": web},
    )
