"""Choice of the broker: the one that an option names, or that of a local run."""

import os
from pathlib import Path
from urllib.parse import quote

from concord_bus.settings import BrokerAddress, SettingsError, tls_files
from concord_cli.common.errors import UsageError
from concord_http import ServerAddress
from concord_http.address import bracketed
from concord_http.tls import TlsFiles
from concord_nodes.errors import NodeError
from concord_nodes.node_state import FILE, Identity, recall
from concord_nodes.tcp_ports import LOOPBACK


def local_node(home: Path) -> Identity | None:
    """Return login and TCP ports of the private broker of a local run, None without one. Raises UsageError."""
    folder = home / "rabbitmq"
    try:
        if not (folder / FILE).exists():
            return None
        node = recall(folder, "concord")
    except (NodeError, OSError) as error:
        raise UsageError(f"{folder} cannot be read: {error}") from error
    return node if node.ports else None


def required_node(home: Path, option: str) -> Identity:
    """Return the private broker of the local run in `home`. Raises UsageError, which names `option`, without one."""
    node = local_node(home)
    if node is None:
        raise UsageError(f"No local run with its own broker in {home}: set --home to its folder, or give {option}.")
    return node


def node_address(node: Identity, vhost: str = "/") -> BrokerAddress:
    """Return the AMQP address of a local broker with its administrator's login."""
    return BrokerAddress(LOOPBACK, node.ports["amqp"], node.user, node.password, vhost)


def broker_tls() -> TlsFiles:
    """Return the files of certificates that the environment names. Raises UsageError for one that cannot be used."""
    try:
        return tls_files(os.environ)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def broker_of(url: str | None, home: Path) -> BrokerAddress:
    """Return the broker at `url`, else that of the local run in `home`. Raises UsageError."""
    if not url:
        return node_address(required_node(home, "--broker URL"))
    tls = broker_tls()
    try:
        return BrokerAddress.parse(url, tls)
    except SettingsError:
        raise UsageError("--broker must look like amqp://user:password@host:5672/vhost, or amqps:// with TLS") from None


def management_url(user: str, password: str, port: int) -> str:
    """Return the URL of a local broker's management API, with the login in it."""
    return ServerAddress("http", LOOPBACK, port).with_login(user, password)


def amqp_url(address: BrokerAddress) -> str:
    """Return the address as a URL, with the login in it."""
    login = f"{quote(address.user, safe='')}:{quote(address.password, safe='')}"
    return f"{address.scheme}://{login}@{bracketed(address.host)}:{address.port}/{quote(address.vhost, safe='')}"
