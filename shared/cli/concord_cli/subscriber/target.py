"""Choice of the broker, with an administrator's login, and of the city."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from concord_bus.settings import BrokerAddress
from concord_bus.topology.subscriber_admin import Subscribers
from concord_cli.common.broker_audit import BrokerAudit, open_broker_audit
from concord_cli.common.broker_target import (
    amqp_url,
    broker_of,
    broker_tls,
    management_url,
    node_address,
    required_node,
)
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import read_inventory
from concord_http.rabbitmq_management import management_address
from concord_http.tls import TlsFiles

AMQP, AMQPS = "amqp", "amqp/ssl"
DEFAULT_PORT = 5672


@dataclass(frozen=True, slots=True)
class Target:
    """`management` contains an administrator's login; `broker` is the AMQP address to use, if an option names one.

    `tls` are the certificates for the broker. `home` is the local run's folder, None for another broker.
    """

    management: str
    vhost: str
    broker: BrokerAddress | None = None
    city: Path | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)
    home: Path | None = None

    def audit(self) -> BrokerAudit:
        """Open the audit of a change; call it before the change. Raises UsageError, ClickException."""
        return open_broker_audit(self.home)

    def subscribers(self) -> Subscribers:
        return Subscribers(self.management, self.vhost, tls=self.tls)

    def operator(self, listeners: Sequence[dict[str, Any]]) -> BrokerAddress:
        """Return the administrator's AMQP address, with TLS if the broker offers it."""
        if self.broker:
            return self.broker
        server = management_address(self.management)
        port, tls = self._listener(listeners)
        return BrokerAddress(server.host, port, server.user or "guest", server.password, self.vhost, tls)

    def url_for(self, name: str, secret: str, listeners: Sequence[dict[str, Any]]) -> str:
        """Return the URL to which a subscriber connects."""
        port, tls = self._listener(listeners)
        host = management_address(self.management).host
        if self.broker:
            host, port, tls = self.broker.host, self.broker.port, self.broker.tls
        return amqp_url(BrokerAddress(host, port, name, secret, self.vhost, tls))

    def _listener(self, listeners: Sequence[dict[str, Any]]) -> tuple[int, TlsFiles | None]:
        """Return TCP port and certificates: with TLS if the broker offers it."""
        ports = {listener["protocol"]: int(listener["port"]) for listener in listeners}
        if AMQPS in ports:
            return ports[AMQPS], self.tls
        return ports.get(AMQP, DEFAULT_PORT), None


def target_of(management: str | None, vhost: str, broker: str | None, home: Path) -> Target:
    """Return the target that the options name, else the local run in `home`. Raises UsageError."""
    if management:
        try:
            management_address(management)
        except ValueError:
            raise UsageError("--management must look like http://user:password@host:15672") from None
        return Target(management, vhost, broker_of(broker, home) if broker else None, tls=broker_tls())
    node = required_node(home, "--management URL")
    city = read_inventory(home).get("city")
    url = management_url(node.user, node.password, node.ports["management"])
    return Target(url, vhost, node_address(node, vhost), Path(city) if city else None, home=home)
