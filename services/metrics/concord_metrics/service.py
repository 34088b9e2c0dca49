"""Metrics as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import tzinfo
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions import Bus, consume
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import queues_of
from concord_metrics.adapters.area_geojson import Outlines, read_outlines
from concord_metrics.adapters.prometheus_collector import MeasuresCollector
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.application.record_events import handlers
from concord_metrics.application.result_cache import Kept
from concord_metrics.application.summary_queries import ledger, summary, times
from concord_metrics.domain.period import BadPeriod
from concord_metrics.entrypoints import query_params, responses
from concord_metrics.entrypoints.chart_routes import ChartRoutes
from concord_metrics.entrypoints.export_routes import ExportRoutes
from concord_metrics.measures import MEASURES
from concord_metrics.ops.event_stream import TooManyViewers
from concord_metrics.ops.publisher import OpsBoard
from concord_metrics.ops.routes import OpsRoutes, too_many
from concord_metrics.settings import Settings
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

SUMMARY = (query_params.FROM, query_params.TO, query_params.AREA, query_params.AS_OF)


def away(error: ResourceUnavailable) -> Problem:
    """The database is away: nothing can be read."""
    detail = f"Our {error.resource} is away for the moment. Please try again shortly."
    return Problem(503, detail=detail, headers={"Retry-After": "5"})


def bad_period(error: BadPeriod) -> Problem:
    return field_problem(error.field, error.detail)


@dataclass(frozen=True, slots=True)
class Place:
    """The city: the time zone of its days and the outlines of its areas."""

    zone: tzinfo
    outlines: Outlines


class City(DependencyProvider):  # type: ignore[misc]
    """Gives the service the city and, when it starts, has the sums kept by its days and shown."""

    def setup(self) -> None:
        self.place: Place = self.container.config["city"]
        self._runtime: BusRuntime = self.container.config["bus"]
        with self._runtime.work() as work:
            work.store.settle_days(self.place.zone)
        self._collector = MeasuresCollector(self._sums)
        REGISTRY.register(self._collector)

    def stop(self) -> None:
        REGISTRY.unregister(self._collector)

    def get_dependency(self, worker_ctx: Any) -> Place:
        return self.place

    def _sums(self) -> Any:
        with self._runtime.read() as store:
            return store.overall()


class Keeping(DependencyProvider):  # type: ignore[misc]
    """Gives the service what it has worked out lately."""

    def setup(self) -> None:
        self._kept = Kept()

    def get_dependency(self, worker_ctx: Any) -> Kept:
        return self._kept


class MetricsService(AccessRoutes, ChartRoutes, ExportRoutes, HealthRoutes, OpenApiRoutes, OpsRoutes):
    """Measures how concerns fare, from every public event."""

    name = "metrics"
    api_title = "Concord metrics"
    api_description = "How many concerns came in, where they went, how long it took."
    problems = PROBLEMS.extend(ACCESS_PROBLEMS).extend(
        {ResourceUnavailable: away, BadPeriod: bad_period, TooManyViewers: too_many}
    )

    bus = Bus()
    city = City()
    kept = Keeping()
    board = OpsBoard()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @http(
        "GET",
        "/v1/summary",
        summary="Counts and times of concerns that came in during a period",
        description="Without any concern the counts are 0, and what cannot be said of none is null.",
        tags=["measures"],
        responses={200: responses.SummaryAnswer},
        parameters=SUMMARY,
    )
    def get_summary(self, request: Request) -> Response:
        query_params.only(request, SUMMARY)
        zone, area = self.city.zone, query_params.area(request)
        period, as_of = query_params.period(request, zone), query_params.as_of(request, zone)
        with self.bus.read() as store:
            question = ("times", period, area, as_of)
            took = self.kept.get(question, lambda: times(store, period, area, as_of or query_params.now()))
            found = summary(store, period, area, zone, took)
        return json_response(responses.summary_answer(found, period, query_params.code(request, "area"), str(zone)))

    @http(
        "GET",
        "/v1/measures",
        summary="What each measure means",
        tags=["measures"],
        responses={200: responses.MeasuresAnswer},
    )
    def get_measures(self, request: Request) -> Response:
        return json_response({"measures": [asdict(each) for each in MEASURES]})

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts = ledger(store)
        return {**counts, **self.bus.ledger()}


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """The service, wired. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    queues = queues_of("metrics")
    runtime = BusRuntime("metrics", settings.bus, handlers(settings.zone), SqlStore, queues)
    web = {"host": settings.host, "port": settings.port}
    try:
        city = Place(settings.zone, read_outlines(settings.city))
    except ValueError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error
    known = settings.access.authenticator()
    config = {"bus": runtime, "city": city, "ops": settings.ops, "access": known, "web": web}
    return ServiceDefinition(MetricsService, "concord_metrics", config)
