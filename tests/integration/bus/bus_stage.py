"""A stage: one virtual host with Concord's topology, logins and keys, and the probes that play on it."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bus_broker import depth, publish
from bus_messages import Message
from bus_messages import message as travelling
from bus_probe import ProbeProcess
from sqlalchemy import NullPool, create_engine, text

from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_contracts import Codec, Event, Keyrings
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_nodes import RabbitNode

PROMPT = {"first_delay": 0.2, "factor": 1.5, "max_delay": 1.0, "max_attempts": 4}
"""A retry policy for people in a hurry."""


@dataclass
class Stage:
    """Everything a test needs around its probes."""

    node: RabbitNode
    vhost: str
    folder: Path
    passwords: Mapping[str, str]
    keys: Mapping[str, str]
    probes: list[ProbeProcess] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The administrator's."""
        return self.node.amqp_url(vhost=self.vhost)

    def login(self, service: str) -> str:
        return self.node.amqp_url(service, self.passwords[service], self.vhost)

    @property
    def codec(self) -> Codec:
        return Codec(Keyrings.from_env(self.keys))

    def probe(
        self, database: str | None = None, *, service: str = "routing", policy: Mapping[str, Any] = PROMPT, **env: str
    ) -> ProbeProcess:
        """A probe that is not started yet; on a SQLite file when no database is given."""
        url = database or f"sqlite:///{self.folder / service}.db"
        settings = {
            "CONCORD_BROKER_URL": self.login(service),
            "CONCORD_DATABASE_URL": url,
            "PROBE_SERVICE": service,
            "PROBE_POLICY": json.dumps(policy),
            **self.keys,
            **env,
        }
        made = ProbeProcess(settings, self.folder, url)
        self.probes.append(made)
        return made

    def publish(self, *what: Message | Event[Any]) -> None:
        codec = self.codec
        publish(self.url, [item if isinstance(item, Message) else travelling(codec, item) for item in what])

    def depth(self, queue: str) -> int:
        return depth(self.url, queue)

    def left_over(self, probe: ProbeProcess, *queues: str) -> int:
        """Messages in its queues once the probe has ended and given back what it had not acknowledged."""
        probe.stop()
        return sum(self.depth(queue) for queue in queues or ("routing.submitted", "routing.dead"))


@contextmanager
def staged(node: RabbitNode, folder: Path) -> Iterator[Stage]:
    vhost = f"bus-{secrets.token_hex(6)}"
    passwords = {service: secrets.token_urlsafe(12) for service in SERVICES}
    keys = {variable(recipient): new_key() for recipient in RECIPIENTS}
    node.management.create_vhost(vhost)
    node.management.call("POST", "/api/definitions", definitions(passwords, vhost))
    stage = Stage(node, vhost, folder, passwords, keys)
    try:
        yield stage
    finally:
        for probe in stage.probes:
            probe.kill()
        if node.ready():
            node.management.delete_vhost(vhost)
            for service in SERVICES:
                node.management.call("DELETE", f"/api/users/{service}")


class Ledger:
    """What a probe's database holds, read from outside."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool)

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(text(query), parameters))

    def run(self, statement: str, **parameters: Any) -> int:
        with self._engine.begin() as connection:
            return connection.execute(text(statement), parameters).rowcount

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def counter(self, table: str) -> Callable[[], int]:
        return lambda: self.count(table)

    def effects(self) -> list[str]:
        """Event ids in the order of their effects, once for each effect."""
        return [row.event_id for row in self.rows("SELECT event_id FROM effects ORDER BY n")]

    def parked(self) -> Sequence[Any]:
        return self.rows("SELECT * FROM parked ORDER BY id")


def ids(events: Iterable[Event[Any]]) -> list[str]:
    return [event.id for event in events]
