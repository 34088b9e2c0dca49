"""Notification as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields
from prometheus_client import REGISTRY

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_bus.domain.delivery import Delivery as Message
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions import Bus, consume
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime, utc_now
from concord_bus.settings import SettingsError
from concord_bus.topology import queues_of
from concord_city import City, CityError, load_words
from concord_contracts import Codec
from concord_i18n.catalogues import load_catalogues
from concord_notification.mail.smtp_mailer import SmtpMailer
from concord_notification.mail.vault import FernetVault
from concord_notification.notices.adapters.metrics import Instruments, LedgerCollector
from concord_notification.notices.adapters.repository import SqlStore
from concord_notification.notices.adapters.template_renderer import TemplateWriter
from concord_notification.notices.application.dispatcher import Dispatch
from concord_notification.notices.application.plan_notices import Handlers
from concord_notification.notices.domain.delivery import State
from concord_notification.notices.entrypoints.responses import BadCursor, page_of
from concord_notification.notices.entrypoints.worker import Sender, SendingLoop
from concord_notification.notices.ports import Ledger
from concord_notification.settings import Settings
from concord_notification.webhooks.application.fan_out import FanOut, KnownEndpoints, together
from concord_notification.webhooks.bootstrap import assemble
from concord_notification.webhooks.entrypoints.routes import REFUSALS, WebhookRoutes
from concord_notification.webhooks.entrypoints.worker import WebhookSender
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

STATES = tuple(state.value for state in State)
PAGE, LARGEST_PAGE = 50, 200


class DeliveryAnswer(Schema):
    """One notice on its way; who gets it is not said."""

    id = fields.String()
    concern_id = fields.String()
    notice = fields.String()
    medium = fields.String()
    language = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    cause_id = fields.String()
    due_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    attempts = fields.Integer()
    uncertain = fields.Boolean()


class DeliveriesAnswer(Schema):
    """One page; `next` is null on the last."""

    deliveries = fields.List(fields.Nested(DeliveryAnswer))
    next = fields.String(allow_none=True)


def away(error: ResourceUnavailable) -> Problem:
    """The database is away: nothing can be read."""
    detail = f"Our {error.resource} is away for the moment. Please try again shortly."
    return Problem(503, detail=detail, headers={"Retry-After": "5"})


def bad_cursor(error: BadCursor) -> Problem:
    return field_problem("cursor", "Give the `next` of an earlier page, or begin again without it.")


def _parameter(name: str, meaning: str, **schema: Any) -> Mapping[str, Any]:
    return {"in": "query", "name": name, "description": meaning, "schema": schema}


class NotificationService(WebhookRoutes, HealthRoutes, OpenApiRoutes):
    """Tells reporters what is done, and supervisors what was missed; sends events to other services' webhooks."""

    name = "notification"
    api_title = "Concord notification"
    api_description = "What became of the notices to reporters; webhooks."
    problems = PROBLEMS.extend(ACCESS_PROBLEMS).extend({ResourceUnavailable: away, BadCursor: bad_cursor, **REFUSALS})

    bus = Bus()
    sender = Sender()
    webhooks = WebhookSender()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Message]) -> None:
        self.bus.take(deliveries)
        self.sender.wake()
        self.webhooks.wake()

    @http(
        "GET",
        "/v1/deliveries",
        summary="Notices by state, the latest due first",
        tags=["operations"],
        responses={200: DeliveriesAnswer},
        secured=True,
        parameters=[
            _parameter("state", "which; failed by default", type="string", enum=STATES),
            _parameter("limit", "notices on a page", type="integer", minimum=1, maximum=LARGEST_PAGE, default=PAGE),
            _parameter("cursor", "the `next` of an earlier page", type="string"),
        ],
    )
    def get_deliveries(self, request: Request) -> Response:
        self.guard(request)
        state = request.query.arg("state", State.FAILED.value)
        if state not in STATES:
            raise field_problem("state", f"Must be one of {', '.join(STATES)}.")
        limit = request.query.integer("limit", PAGE, least=1, most=LARGEST_PAGE)
        with self.bus.read() as store:
            page = page_of(store, State(state), limit, request.query.arg("cursor"))
        return json_response(page.as_dict())

    def ledger(self) -> Mapping[str, Any]:
        return {**asdict(_ledger(self.bus)), **self.bus.ledger()}


def _ledger(runtime: BusRuntime) -> Ledger:
    with runtime.read() as store:
        ledger: Ledger = store.ledger()
    return ledger


def _city(settings: Settings) -> City:
    try:
        return load_words(settings.city)
    except CityError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """The service, wired. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    vault = FernetVault(settings.vault_keys)
    city = _city(settings)
    catalogues = load_catalogues()
    writer = TemplateWriter(city, settings.mail_from, settings.links, settings.public_url, catalogues)
    supervisors = {each.code: each.supervisor for each in city.teams.values() if each.supervisor}
    known = KnownEndpoints()
    fan_out = FanOut(Codec(settings.bus.keyrings, settings.bus.schema_url), known)
    handlers = together(Handlers(vault, writer, supervisors).by_type(), fan_out.by_type())
    runtime = BusRuntime("notification", settings.bus, handlers, SqlStore, queues_of("notification"))
    mailer = SmtpMailer(settings.smtp, settings.mail_from)
    instruments = Instruments()
    dispatch = Dispatch(
        runtime.work,
        runtime.read,
        vault,
        writer,
        mailer,
        clock=utc_now,
        instruments=instruments,
        supervisors=supervisors,
    )
    runtime.checks.append(dispatch.problem)
    REGISTRY.register(LedgerCollector(lambda: _ledger(runtime)))
    web = {"host": settings.http_host, "port": settings.http_port}
    translator = catalogues[writer.language(city.languages[0])]
    sending, webhooks = SendingLoop(dispatch, mailer), assemble(settings, runtime, known, translator)
    access = settings.access.authenticator()
    config = {"bus": runtime, "sending": sending, "webhooks": webhooks, "access": access, "web": web}
    return ServiceDefinition(NotificationService, "concord_notification", config)
