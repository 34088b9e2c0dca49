"""Notification as a nameko service, and its composition."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from prometheus_client import REGISTRY

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_bus.domain.delivery import Delivery as Message
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.domain.steady_clock import SteadyClock
from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.city_folder import CityLook, read_after_check
from concord_bus.extensions.repeat import Repeat
from concord_bus.key_check import KeyCheck
from concord_bus.ports import Handler, utc_now
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import queues_of
from concord_city import City, CityError, load_words
from concord_city.adapters.folder_watch import CityWatch
from concord_contracts import Codec, Event
from concord_i18n.catalogues import load_catalogues
from concord_notification.delivery_worker import RunnableProvider
from concord_notification.mail.smtp_mailer import SmtpMailer
from concord_notification.mail.vault_keys import VAULT_KEYS
from concord_notification.notices.adapters.metrics import LedgerCollector, NoticeMetrics
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.adapters.supervisors import LiveSupervisors
from concord_notification.notices.adapters.team_mailboxes import LiveTeamMailboxes
from concord_notification.notices.adapters.team_renderer import TeamMailRenderer
from concord_notification.notices.adapters.template_renderer import TemplateRenderer
from concord_notification.notices.adapters.vault import FernetContactVault
from concord_notification.notices.application.compose_mail import MailComposer
from concord_notification.notices.application.dispatcher import Dispatcher
from concord_notification.notices.application.plan_digests import DigestPlanner
from concord_notification.notices.application.plan_notices import NoticePlanner
from concord_notification.notices.entrypoints.routes import NoticeRoutes
from concord_notification.notices.entrypoints.worker import NoticeWorker
from concord_notification.notices.ports import Ledger
from concord_notification.settings import Settings
from concord_notification.store import TABLES, SqlStore
from concord_notification.webhooks.application.fan_out import EndpointCache, FanOut
from concord_notification.webhooks.bootstrap import build_webhooks
from concord_notification.webhooks.entrypoints import routes as webhook_routes
from concord_web import HealthRoutes, OpenApiRoutes, error_table

STORED = "contacts and messages of residents"
CITY_SECONDS = 4.0
"""The pause between two looks at the city folder."""


class NotificationService(NoticeRoutes, webhook_routes.WebhookRoutes, HealthRoutes, OpenApiRoutes):
    """Sends notices to reporters, teams and supervisors, and events to webhooks."""

    name = "notification"
    api_title = "Concord notification"
    api_description = "What became of the notices to reporters; webhooks."
    problems = error_table(ACCESS_PROBLEMS, webhook_routes.PROBLEMS, unavailable=ResourceUnavailable)

    bus = Bus()
    city = Repeat("city", CITY_SECONDS)
    notices = RunnableProvider("notices")
    webhooks = RunnableProvider("webhooks")

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Message]) -> None:
        self.bus.take(deliveries)
        self.notices.wake()
        self.webhooks.wake()

    def ledger(self) -> Mapping[str, Any]:
        return {**asdict(_ledger(self.bus)), **self.bus.ledger()}


def _ledger(runtime: BusRuntime) -> Ledger:
    with runtime.read() as store:
        ledger: Ledger = store.ledger()
    return ledger


def _ciphertexts(runtime: BusRuntime) -> list[str]:
    with runtime.read() as store:
        ciphertexts: list[str] = store.ciphertexts()
    return ciphertexts


def _city(settings: Settings) -> CityWatch[City]:
    try:
        return CityWatch(settings.city, load_words, read_after_check)
    except CityError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error


def merge_handlers(*tables: Mapping[str, Handler]) -> dict[str, Handler]:
    """Merge tables of event handlers. A type in more than one table has all its handlers, in the tables' order."""
    merged: dict[str, list[Handler]] = {}
    for table in tables:
        for event_type, handler in table.items():
            merged.setdefault(event_type, []).append(handler)
    return {event_type: _in_sequence(handlers) for event_type, handlers in merged.items()}


def _in_sequence(handlers: Sequence[Handler]) -> Handler:
    def handle(events: Sequence[Event[Any]], work: Any) -> None:
        for handler in handlers:
            handler(events, work)

    return handle


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """Build the service. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    vault, catalogues = FernetContactVault(settings.vault_keys), load_catalogues()
    city = _city(settings)

    def live() -> City:
        return city.live.value

    links = ResidentLinks(settings.links, settings.status_links, settings.public_url)
    renderer = TemplateRenderer(live, settings.mail_from, links, catalogues)
    team_renderer = TeamMailRenderer(live, settings.mail_from, settings.desk_url, catalogues)
    supervisors, teams = LiveSupervisors(live), LiveTeamMailboxes(live)
    cache = EndpointCache()
    digests = DigestPlanner(teams, lambda: live().zone, lambda: renderer.language(""))
    planner = NoticePlanner(vault, renderer, supervisors, teams, digests)
    fan_out = FanOut(Codec(settings.bus.keyrings, settings.bus.schema_url), cache)
    handlers = merge_handlers(planner.handlers(), fan_out.handlers())
    runtime = BusRuntime("notification", settings.bus, handlers, SqlStore, queues_of("notification"), tables=TABLES)
    metrics = NoticeMetrics()
    composer = MailComposer(vault, renderer, team_renderer, supervisors, teams, metrics, clock=utc_now)
    mailer = SmtpMailer(settings.smtp, settings.mail_from)
    clock = SteadyClock(utc_now)
    dispatcher = Dispatcher(runtime.work, runtime.read, composer, digests, mailer, metrics, clock=clock)
    runtime.checks.append(dispatcher.problem)
    runtime.check_keys(KeyCheck(STORED, VAULT_KEYS, lambda: _ciphertexts(runtime), vault.decrypts))
    runtime.warning_checks.append(lambda: city.warning)
    REGISTRY.register(LedgerCollector(lambda: _ledger(runtime)))
    webhook_mailer = SmtpMailer(settings.smtp, settings.mail_from, connections=1)
    translator = catalogues[renderer.language("")]
    webhooks = build_webhooks(
        settings.webhooks, settings.vault_keys, runtime, cache, webhook_mailer, settings.mail_from, translator
    )
    config = {
        "bus": runtime,
        "city": CityLook(city),
        "notices": NoticeWorker(dispatcher, mailer),
        "webhooks": webhooks,
        "access": settings.access.authenticator(limiter=settings.limits.limiter()),
        "web": settings.http.config(),
    }
    return ServiceDefinition(NotificationService, "concord_notification", config)
