"""A small page: how the probe is, what it counts, and a way to make it publish."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import eventlet
from eventlet import wsgi
from nameko.extensions import DependencyProvider
from prometheus_client import generate_latest

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.runtime import BusRuntime
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted

Answer = tuple[str, bytes]


class Page(DependencyProvider):  # type: ignore[misc]
    """Serves on the socket in the container's config."""

    def start(self) -> None:
        self._runtime: BusRuntime = self.container.config["bus"]
        eventlet.spawn(wsgi.server, self.container.config["socket"], self._application, log=StringIO())

    def _application(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            status, body = self._answer(environ)
        except ResourceUnavailable as away:
            status, body = "503 Service Unavailable", str(away).encode()
        start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        asked = json.loads(environ["wsgi.input"].read(length)) if length else {}
        return getattr(self, f"_{environ['PATH_INFO'].strip('/')}")(asked)  # type: ignore[no-any-return]

    def _health(self, asked: Any) -> Answer:
        reasons = self._runtime.health()
        body = {"ready": not reasons, "reasons": reasons, "warnings": list(self._runtime.warnings())}
        return "200 OK", json.dumps(body).encode()

    def _metrics(self, asked: Any) -> Answer:
        return "200 OK", generate_latest()

    def _ledger(self, asked: Any) -> Answer:
        return "200 OK", json.dumps(self._runtime.ledger()).encode()

    def _forget(self, asked: Any) -> Answer:
        return "200 OK", json.dumps(self._runtime.forget_old()).encode()

    def _publish(self, asked: Any) -> Answer:
        """`count` events about the concerns `name`-0, `name`-1, …, in one transaction."""
        make = {"received": received, "submitted": submitted}[asked["what"]]
        now = datetime.now(UTC)
        events = [make(f"{asked['name']}-{number}", now) for number in range(asked["count"])]
        with self._runtime.work() as work:
            work.publish(*events)
        return "201 Created", json.dumps([event.id for event in events]).encode()


def received(concern: str, now: datetime) -> Event[Any]:
    data = ConcernReceived(
        concern_id=concern, category="noise", channel="web", received_at=now, occurred_at=None, place="none", point=None
    )
    return new_event(data, sequence=1, time=now)


def submitted(concern: str, now: datetime) -> Event[Any]:
    data = ConcernSubmitted(
        concern_id=concern,
        category="noise",
        channel="web",
        description="x" * 500,
        language="en",
        received_at=now,
        occurred_at=None,
        point=None,
        address=None,
    )
    return new_event(data, sequence=2, time=now)
