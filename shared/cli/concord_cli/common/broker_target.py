"""Which broker is meant: one that is named, or that of a local run."""

from pathlib import Path

from concord_bus.settings import BrokerAddress, SettingsError
from concord_cli.common.errors import UsageError
from concord_nodes.errors import NodeError
from concord_nodes.node_state import FILE, Identity, recall
from concord_nodes.tcp_ports import LOOPBACK


def local_node(home: Path) -> Identity | None:
    """What the private broker of a local run remembers: login and ports; None without one. Raises UsageError."""
    folder = home / "rabbitmq"
    try:
        if not (folder / FILE).exists():
            return None
        node = recall(folder, "concord")
    except (NodeError, OSError) as error:
        raise UsageError(f"{folder} cannot be read: {error}") from error
    return node if node.ports else None


def broker_of(url: str | None, home: Path) -> BrokerAddress:
    """`url`, else the broker of the local run in `home`. Raises UsageError."""
    if url:
        try:
            return BrokerAddress.parse(url)
        except SettingsError:
            raise UsageError("--broker must look like amqp://user:password@host:5672/vhost") from None
    node = local_node(home)
    if node is None:
        raise UsageError(
            f"No local run with a broker of its own has its home in {home}: give --broker URL, or --home its folder."
        )
    return BrokerAddress(LOOPBACK, node.ports["amqp"], node.user, node.password, "/")
