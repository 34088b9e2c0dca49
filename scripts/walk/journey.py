"""One concern from the POST to the mail and the metric: the real services, each on a SQLite file of its own."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch
from urllib.request import ProxyHandler, Request, build_opener

import eventlet
from nameko.containers import ServiceContainer
from prometheus_client import REGISTRY

from concord_bus.adapters.amqp.consumer import BatchReceiver
from concord_bus.adapters.amqp.publisher import ConfirmingPublisher
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.extensions import bus, consumer_loop, relay_loop
from concord_contracts.encryption import new_key
from concord_web import web_server
from walk.broker import Broker, MailServer
from walk.tracer import ROOT, Call, Tracer

CITY = ROOT / "deploy/sample/boston/city"
CONCERN = {
    "category": "graffiti",
    "description": "Graffiti on the school door.",
    "language": "en",
    "point": {"lon": -71.0833, "lat": 42.33},
    "contact": {"name": "Ana Example", "email": "ana@example.org", "language": "en"},
}
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Journey:
    """The effects of the concern: the calls in order, the mails as text, the summary of metrics.

    `replaced` names the files that the stand-in for RabbitMQ replaces.
    """

    calls: list[Call]
    replaced: list[str]
    mails: list[str]
    summary: Mapping[str, Any]

    @property
    def files(self) -> list[str]:
        """The files on the way, in alphabetical order: those with a function that ran, and `replaced`."""
        return sorted({call.file for call in self.calls} | set(self.replaced))


@dataclass
class Walker:
    """Runs one service after the other and hands on the messages in between."""

    folder: Path
    broker: Broker = field(default_factory=Broker)
    mail_server: MailServer = field(default_factory=MailServer)
    tracer: Tracer = field(default_factory=Tracer)

    def walk(self) -> Journey:
        """PublishReport the concern and follow it to its end."""
        with (
            patch.object(relay_loop, "ConfirmingPublisher", self.broker.publisher),
            patch.object(consumer_loop, "BatchReceiver", self.broker.receiver),
        ):
            summary = self._follow(_environment(self.mail_server.port))
        replaced = _files_behind(ConfirmingPublisher, BatchReceiver)
        return Journey(list(self.tracer.calls), replaced, self.mail_server.mails, summary)

    def _follow(self, env: Mapping[str, str]) -> Mapping[str, Any]:
        with self._service("intake", env) as (intake, url), self.tracer.tracing():
            _request(f"{url}/v1/concerns", CONCERN)
            _relay(intake, self.broker)
        with self._service("routing", env) as (routing, _), self.tracer.tracing():
            _consume(routing, self.broker)
            _relay(routing, self.broker)
        with self._service("notification", env) as (notification, _), self.tracer.tracing():
            _consume(notification, self.broker)
            _send_notices(notification, self.mail_server)
            _relay(notification, self.broker)
        with self._service("metrics", env) as (metrics, url), self.tracer.tracing():
            _consume(metrics, self.broker)
            summary: Mapping[str, Any] = _request(f"{url}/v1/summary")
        return summary

    @contextmanager
    def _service(self, name: str, env: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
        """Set up a service without starting its loops; only its web server runs. Yield its container and URL.

        The registry of Prometheus metrics holds one service at a time.
        """
        for collector in list(REGISTRY._collector_to_names):
            REGISTRY.unregister(collector)
        url = f"sqlite:///{self.folder / name}.db"
        upgrade(url, f"concord_{name}")
        definition = import_module(f"concord_{name}.service").build({**env, "CONCORD_DATABASE_URL": url})
        container = ServiceContainer(definition.service_cls, dict(definition.config))
        container.extensions.all.setup()
        web_server(container).start()
        base_url = f"http://127.0.0.1:{web_server(container).bound_port}"
        try:
            yield container, base_url
        finally:
            web_server(container).kill()
            definition.runtime.database.dispose()


def _files_behind(*classes: type[Any]) -> list[str]:
    """Return the files of some adapters and of all that they import from their own package."""
    package = classes[0].__module__.rpartition(".")[0]
    pending, found = [kind.__module__ for kind in classes], dict[str, None]()
    while pending:
        name = pending.pop(0)
        if name.startswith(package) and name not in found:
            found[name] = None
            pending += [str(getattr(value, "__module__", "")) for value in vars(sys.modules[name]).values()]
    files = (Path(str(sys.modules[name].__file__)) for name in found)
    return [str(file.relative_to(ROOT)) for file in files]


def _environment(smtp_port: int) -> dict[str, str]:
    secret = "walk" * 8
    keys = {f"CONCORD_{name}": new_key() for name in ("KEYS_INTAKE", "KEYS_ROUTING", "KEYS_NOTIFICATION", "VAULT_KEYS")}
    return {
        **keys,
        "CONCORD_BROKER_URL": "amqp://walk:walk@127.0.0.1/walk",
        "CONCORD_CITY": str(CITY),
        "CONCORD_HTTP_PORT": "0",
        "CONCORD_RECEIPT_KEY": secret,
        "CONCORD_LINK_KEY": secret,
        "CONCORD_ACCESS_KEY": secret,
        "CONCORD_OPS_TOKEN": secret,
        "CONCORD_MAIL_FROM": "Boston <concord@example.org>",
        "CONCORD_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
    }


def _request(url: str, body: object = None) -> Any:
    """Send a request to the service over a socket; return the JSON of the response."""
    data = json.dumps(body).encode() if body else None
    request = Request(url, data, {"Content-Type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=SECONDS) as response:  # loopback needs no proxy
        return json.load(response)


def _relay(container: Any, broker: Broker) -> None:
    """Run the relay until it has published the outbox."""
    before = broker.published
    loop = relay_loop.RelayLoop(container.config["bus"])
    thread = eventlet.spawn(loop.run)
    _until(lambda: broker.published > before)
    loop.stop()
    thread.wait()


def _consume(container: Any, broker: Broker) -> None:
    """Run the consumer until it has acknowledged the messages in the service's queues."""
    before = broker.acknowledged
    entrypoint = next(part for part in container.entrypoints if isinstance(part, bus.Consume))
    entrypoint.start()
    _until(lambda: broker.acknowledged > before)
    entrypoint.stop()


def _send_notices(container: Any, server: MailServer) -> None:
    """Run the notice worker until the mail server has the mail and the outbox has its event."""
    filled, worker = container.config["bus"].outbox_filled, container.config["notices"]
    filled.clear()
    thread = eventlet.spawn(worker.run)
    _until(lambda: server.mails and filled.is_set())
    worker.stop()
    thread.wait()


def _until(condition: Callable[[], Any]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        if monotonic() > deadline:
            raise TimeoutError(f"the concern did not come on within {SECONDS:.0f} seconds")
        eventlet.sleep(0.01)
