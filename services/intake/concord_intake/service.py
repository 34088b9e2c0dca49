"""Intake as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Mapping
from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import timer

from concord_access import Action
from concord_access.error_responses import ACCESS_PROBLEMS
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions import Bus, consume
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import queues_of
from concord_city import CityError, load_words
from concord_i18n.catalogues import load_catalogues
from concord_intake.adapters.repository import SqlStore
from concord_intake.application.concerns import Desk
from concord_intake.application.feedback import Feedback
from concord_intake.application.import_concerns import DEFAULT_SOURCE
from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints import answer_schemas as answers
from concord_intake.entrypoints.feedback_page import FeedbackPage
from concord_intake.entrypoints.feedback_routes import PROBLEMS as LINK_PROBLEMS
from concord_intake.entrypoints.feedback_routes import FeedbackRoutes
from concord_intake.entrypoints.field_validators import CONTROL, SOURCE_LIMIT
from concord_intake.entrypoints.request_schemas import ConcernForm, LineForm
from concord_intake.entrypoints.responses import Answers
from concord_intake.settings import Settings
from concord_web import (
    PROBLEMS,
    ContractRoutes,
    HealthRoutes,
    OpenApiRoutes,
    Problem,
    Request,
    Response,
    field_problem,
    http,
    json_response,
    stream_response,
)

LARGEST_CONCERN = 64 * 1024
"""Bytes of a request: 4,000 characters, each escaped, and the rest."""
NDJSON = "application/x-ndjson"
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/jsonlines"})
SWEEP_SECONDS = 600


def _parameter(place: str, name: str, meaning: str, **schema: Any) -> Mapping[str, Any]:
    return {"in": place, "name": name, "description": meaning, "schema": {"type": "string", **schema}}


IDEMPOTENCY_KEY = _parameter(
    "header", "Idempotency-Key", "repeat the request with the same key within a day: it has one effect", maxLength=255
)
RECEIPT = _parameter("header", "Concord-Receipt", "the receipt; or send it as Authorization: Bearer")
LANGUAGE = _parameter("header", "Accept-Language", "language of the words")
SOURCE = _parameter(
    "query", "source", "where the lines come from; a line's id counts within it", maxLength=SOURCE_LIMIT
)


AWAY = "We cannot do this just now. Try again shortly; with the same Idempotency-Key it has one effect, not two."


def away(error: ResourceUnavailable) -> Problem:
    """The database is away, or the service is stopping. Whether a lost commit took effect nobody knows."""
    return Problem(503, detail=AWAY, headers={"Retry-After": "5"})


class DeskProvider(DependencyProvider):  # type: ignore[misc]
    """Gives the service its desk from the container's config."""

    def get_dependency(self, worker_ctx: Any) -> Desk:
        desk: Desk = self.container.config["desk"]
        return desk


class IntakeService(AccessRoutes, FeedbackRoutes, HealthRoutes, OpenApiRoutes, ContractRoutes):
    """Takes concerns in and shows what becomes of them."""

    name = "intake"
    api_title = "Concord intake"
    api_description = "Report a concern to the city, keep the receipt, see what becomes of it."
    problems = PROBLEMS.extend(ACCESS_PROBLEMS).extend({ResourceUnavailable: away, **LINK_PROBLEMS})

    bus = Bus()
    desk = DeskProvider()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @timer(interval=SWEEP_SECONDS)  # type: ignore[untyped-decorator]
    def forget_keys(self) -> None:
        self.desk.forget_keys()

    @http(
        "POST",
        "/v1/concerns",
        max_body=LARGEST_CONCERN,
        summary="Report a concern",
        tags=["concerns"],
        request=ConcernForm,
        responses={201: answers.TakenInAnswer},
        parameters=[IDEMPOTENCY_KEY, LANGUAGE],
    )
    def post_concern(self, request: Request) -> Response:
        headers = request.headers
        answer = self.desk.take_in(request.json(), headers.get("idempotency-key"), headers.get("accept-language"))
        return json_response(answer, 201, {"Location": f"/v1/concerns/{answer['id']}"})

    @http(
        "GET",
        "/v1/concerns/{id}",
        summary="See what became of a concern",
        tags=["concerns"],
        responses={200: answers.AccountAnswer},
        parameters=[RECEIPT, LANGUAGE],
    )
    def get_concern(self, request: Request) -> Response:
        receipt = request.headers.get("concord-receipt") or request.bearer
        return json_response(self.desk.show(request.params["id"], receipt, request.headers.get("accept-language")))

    @http(
        "POST",
        "/v1/concerns/{id}/withdraw",
        max_body=LARGEST_CONCERN,
        summary="Take a concern back",
        description="Nothing more is done, and no more mail is sent. Asked again, it has no second effect.",
        tags=["concerns"],
        responses={200: answers.AccountAnswer},
        problems=[404, 409],
        parameters=[RECEIPT, LANGUAGE],
    )
    def post_withdrawal(self, request: Request) -> Response:
        receipt = request.headers.get("concord-receipt") or request.bearer
        return json_response(self.desk.withdraw(request.params["id"], receipt, request.headers.get("accept-language")))

    @http(
        "POST",
        "/v1/concerns:batch",
        stream=True,
        summary="Report many concerns, one JSON object a line",
        description="Answers flow, a line for each line, while the rest is read. A line whose id was taken in before"
        " from the same source is answered `already`: send a broken-off batch again as it was. An empty line asks"
        " for the answers so far. A line with a past (`reported_at`) needs a login that may import history.",
        tags=["concerns"],
        request=LineForm,
        request_type=NDJSON,
        responses={200: answers.LineAnswer},
        response_type=NDJSON,
        parameters=[SOURCE],
    )
    def post_batch(self, request: Request) -> Response:
        if request.media_type not in NDJSON_TYPES:
            raise Problem(415, detail=f"Send one JSON object a line with Content-Type: {NDJSON}.")
        source = request.query.arg("source", DEFAULT_SOURCE) or DEFAULT_SOURCE
        if len(source) > SOURCE_LIMIT or CONTROL.search(source):
            raise field_problem("source", f"At most {SOURCE_LIMIT} characters without control characters.")
        who = self.authenticate_optional(request, Action.HISTORY_IMPORT)
        importer = who.subject if who else None
        return stream_response(self.desk.batch(request.lines(), source, importer=importer), NDJSON)

    @http(
        "GET",
        "/v1/categories",
        summary="What a concern can be about",
        tags=["concerns"],
        responses={200: answers.CategoriesAnswer},
        parameters=[LANGUAGE],
    )
    def get_categories(self, request: Request) -> Response:
        return json_response(self.desk.categories(request.headers.get("accept-language")))

    def ledger(self) -> Mapping[str, Any]:
        return {**self.desk.counts(), **self.bus.ledger()}


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """The service, wired. Raises SettingsError for a setting or a city folder that cannot be used."""
    settings = Settings.from_env(env)
    try:
        city = load_words(settings.city)
    except CityError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error
    runtime = BusRuntime("intake", settings.bus, HANDLERS, SqlStore, queues_of("intake"))
    catalogues = load_catalogues()
    answering = Answers(city, catalogues)
    desk = Desk(city, Receipts(settings.receipt_keys), runtime, answering)
    feedback = Feedback(settings.links, runtime)
    web = {"host": settings.host, "port": settings.port}
    config = {
        "bus": runtime,
        "desk": desk,
        "access": settings.access.authenticator(),
        "web": web,
        "answers": answering,
        "feedback": feedback,
        "feedback_page": FeedbackPage(feedback, catalogues, answering.languages, city.name),
    }
    return ServiceDefinition(IntakeService, "concord_intake", config)
