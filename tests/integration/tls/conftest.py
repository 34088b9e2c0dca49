"""A broker and a database server that take TLS with certificates of a private authority."""

import os
import pwd
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tests.certificates import Authority, Issued
from tests.conftest import started
from tls_stage import PASSWORD, TlsBroker

from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_http.tls import TlsFiles
from concord_nodes import PostgresNode, RabbitNode
from concord_nodes.tcp_ports import free_port


@pytest.fixture(scope="session")
def authority(parts_folder: Path) -> Authority:
    return Authority(parts_folder / "authority")


@pytest.fixture(scope="session")
def tls_broker(parts_folder: Path, authority: Authority) -> Iterator[TlsBroker]:
    server, client = authority.issue("broker", "localhost", days=10), authority.issue("client")
    amqps, https = free_port(), free_port()
    options = {"cacertfile": authority.ca, "certfile": server.certificate, "keyfile": server.key}
    wanted = {"verify": "verify_peer", "fail_if_no_peer_cert": "true"}
    config = {
        "listeners.ssl.1": f"127.0.0.1:{amqps}",
        "management.ssl.ip": "127.0.0.1",
        "management.ssl.port": str(https),
        **{f"ssl_options.{name}": value for name, value in (options | wanted).items()},
        **{f"management.ssl.{name}": value for name, value in (options | wanted).items()},
    }
    node = RabbitNode(parts_folder / "rabbit-tls", config=config)
    try:
        started(node)
        node.management.call("POST", "/api/definitions", definitions(dict.fromkeys(SERVICES, PASSWORD), "/"))
        files = TlsFiles(authority.ca, client.certificate, client.key)
        yield TlsBroker(node, amqps, https, files, Authority(parts_folder / "stranger", "stranger"))
    finally:
        node.discard()


def _readable_by_postgres(issued: Issued) -> Issued:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres").pw_name
        shutil.chown(issued.key, owner)
    return issued


@pytest.fixture(scope="session")
def tls_postgres(parts_folder: Path, authority: Authority) -> Iterator[PostgresNode]:
    """A PostgreSQL server whose certificate is for localhost."""
    server = _readable_by_postgres(authority.issue("database", "localhost", days=10))
    config = {"ssl": "on", "ssl_cert_file": server.certificate, "ssl_key_file": server.key}
    node = PostgresNode(parts_folder / "postgres-tls", config=config)
    try:
        yield started(node)
    finally:
        node.discard()


@pytest.fixture
def tls_database(tls_postgres: PostgresNode) -> Iterator[str]:
    """The URL of an empty database at localhost, without parameters."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield tls_postgres.create_database(name).replace("127.0.0.1", "localhost")
    tls_postgres.drop_database(name)
