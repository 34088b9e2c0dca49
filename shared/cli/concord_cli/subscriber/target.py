"""Which broker is meant, with an administrator's login, and which city."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from concord_bus.settings import BrokerAddress
from concord_bus.topology import Subscribers
from concord_cli.common.broker_target import broker_of, local_node
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import INVENTORY
from concord_nodes.tcp_ports import LOOPBACK

AMQP, AMQPS = "amqp", "amqp/ssl"
PORTS = {AMQP: 5672, AMQPS: 5671}


@dataclass(frozen=True, slots=True)
class Place:
    """`management` holds an administrator's login; `broker`, when given, is the AMQP address to use."""

    management: str
    vhost: str
    broker: BrokerAddress | None = None
    city: Path | None = None

    def subscribers(self) -> Subscribers:
        return Subscribers(self.management, self.vhost)

    def operator(self, listeners: Sequence[dict[str, Any]]) -> BrokerAddress:
        """The administrator's own way to the broker over AMQP. Raises UsageError when it takes TLS only."""
        if self.broker:
            return self.broker
        server = management_address(self.management)
        scheme, port = _listener(listeners)
        if scheme == "amqps":
            raise UsageError("The broker listens with TLS only: give --broker with an address inside.")
        return BrokerAddress(server.host, port, server.user or "guest", server.password, self.vhost)

    def url_for(self, name: str, secret: str, listeners: Sequence[dict[str, Any]]) -> str:
        """What a subscriber connects to."""
        scheme, port = _listener(listeners)
        host = management_address(self.management).host
        if self.broker:
            scheme, host, port = "amqp", self.broker.host, self.broker.port
        return f"{scheme}://{name}:{quote(secret, safe='')}@{bracketed(host)}:{port}/{quote(self.vhost, safe='')}"


def place_of(management: str | None, vhost: str, broker: str | None, home: Path) -> Place:
    """What was named, else the local run in `home`. Raises UsageError."""
    if management:
        try:
            management_address(management)
        except ValueError:
            raise UsageError("--management must look like http://user:password@host:15672") from None
        return Place(management, vhost, broker_of(broker, home) if broker else None)
    node = local_node(home)
    if node is None:
        raise UsageError(
            f"No local run with a broker of its own has its home in {home}: give --home its folder, or --management."
        )
    login = f"{quote(node.user, safe='')}:{quote(node.password, safe='')}"
    url = f"http://{login}@{LOOPBACK}:{node.ports['management']}"
    address = BrokerAddress(LOOPBACK, node.ports["amqp"], node.user, node.password, vhost)
    return Place(url, vhost, address, _city(home))


def _city(home: Path) -> Path | None:
    try:
        named = json.loads((home / INVENTORY).read_text("utf-8")).get("city")
    except (OSError, ValueError) as error:
        raise UsageError(f"{home} cannot be read: {error}") from error
    return Path(named) if named else None


def _listener(listeners: Sequence[dict[str, Any]]) -> tuple[str, int]:
    """Scheme and port: with TLS where the broker offers it."""
    ports = {each["protocol"]: int(each["port"]) for each in listeners}
    if AMQPS in ports:
        return "amqps", ports[AMQPS]
    return "amqp", ports.get(AMQP, PORTS[AMQP])
