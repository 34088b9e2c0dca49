"""Routing as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Mapping
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import SlowDown
from concord_bus.extensions import Bus, consume
from concord_bus.runner import Assembled
from concord_bus.runtime import BusRuntime
from concord_bus.topology.declared import queues_of
from concord_routing import answers
from concord_routing.adapters.prometheus import CasesCollector
from concord_routing.adapters.sql import SqlStore
from concord_routing.config import Settings
from concord_routing.domain.case import read_case_id
from concord_routing.handlers import handlers
from concord_routing.ports import Counts
from concord_web import PROBLEMS, HealthRoutes, OpenApiRoutes, Problem, Request, Response, http, json_response


def away(error: SlowDown) -> Problem:
    """The database is away: nothing can be read."""
    detail = f"Our {error.resource} is away for the moment. Please try again shortly."
    return Problem(503, detail=detail, headers={"Retry-After": "5"})


class CaseCounts(DependencyProvider):  # type: ignore[misc]
    """Shows the counts of cases in the process's metrics while the service runs."""

    def setup(self) -> None:
        self._runtime: BusRuntime = self.container.config["bus"]
        self._collector = CasesCollector(self._counts)
        REGISTRY.register(self._collector)

    def stop(self) -> None:
        REGISTRY.unregister(self._collector)

    def _counts(self) -> Counts:
        with self._runtime.read() as store:
            counts: Counts = store.counts()
        return counts


class RoutingService(HealthRoutes, OpenApiRoutes):
    """Opens a case for each concern with the team that can act, or leaves it to a person."""

    name = "routing"
    api_title = "Concord routing"
    api_description = "Cases: which team takes a concern, by when, and what a person must decide."
    problems = PROBLEMS.extend({SlowDown: away})

    bus = Bus()
    counts = CaseCounts()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @http(
        "GET",
        "/v1/cases",
        summary="Cases in the order they were opened",
        description="While several processes open cases, one may still appear before a `next` that was given already.",
        tags=["cases"],
        responses={200: answers.CasesAnswer},
        parameters=[*answers.paging_parameters(), *answers.filter_parameters()],
        secured=True,
    )
    def get_cases(self, request: Request) -> Response:
        request.require_operator()
        after, limit = answers.page(request, answers.FILTERS)
        wanted = answers.wanted_cases(request)
        with self.bus.read() as store:
            found = store.cases(wanted, after, limit + 1)
        cases, following = answers.page_of(found, limit)
        return json_response({"cases": [answers.case_answer(each) for each in cases], "next": following})

    @http(
        "GET",
        "/v1/cases/{case_id}",
        summary="One case",
        description="The id may be written as it was heard: small letters, hyphens, O for 0, I or L for 1.",
        tags=["cases"],
        responses={200: answers.CaseAnswer},
        secured=True,
    )
    def get_case(self, request: Request) -> Response:
        request.require_operator()
        with self.bus.read() as store:
            found = store.case(read_case_id(request.params["case_id"]))
        if found is None:
            raise Problem(404, detail="There is no case with this id; look for it in /v1/cases.")
        return json_response(answers.case_answer(found))

    @http(
        "GET",
        "/v1/tasks",
        summary="What a person must decide, oldest first",
        tags=["cases"],
        responses={200: answers.TasksAnswer},
        parameters=answers.paging_parameters(),
        secured=True,
    )
    def get_tasks(self, request: Request) -> Response:
        request.require_operator()
        after, limit = answers.page(request)
        with self.bus.read() as store:
            found = store.tasks(after, limit + 1)
        tasks, following = answers.page_of(found, limit)
        return json_response({"tasks": [answers.task_answer(each) for each in tasks], "next": following})

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts: Counts = store.counts()
        decided = {name: getattr(counts, name) for name in ("cases", "routed", "unroutable", "tasks_open")}
        return {**decided, **self.bus.ledger()}


def build(env: Mapping[str, str]) -> Assembled:
    """The service, wired. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    runtime = BusRuntime("routing", settings.bus, handlers(settings.city), SqlStore, queues_of("routing"))
    web = {"host": settings.host, "port": settings.port, "ops_token": settings.ops_token}
    return Assembled(RoutingService, "concord_routing", {"bus": runtime, "web": web})
