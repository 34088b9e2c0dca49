"""Where a benchmark plays: a private broker, databases and services in one temporary folder that is gone afterwards."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from broker import Broker
from programs import Program, cpu_seconds, get

from concord_bus.topology.declarations import SERVICES
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_nodes import PostgresNode, RabbitNode
from concord_nodes.rabbitmq_config import beside_services
from concord_nodes.tcp_ports import free_port

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "deploy" / "sample" / "boston"
CITY = SAMPLE / "city"
RECORDS = SAMPLE / "records.csv"


class Stage:
    """The parts that all programs of one benchmark share."""

    def __init__(self, folder: Path, rabbit: RabbitNode, postgres: PostgresNode | None) -> None:
        self.folder = folder
        self.keys = {variable(each): new_key() for each in RECIPIENTS}
        self.ops_token = secrets.token_urlsafe(16)
        self._rabbit = rabbit
        self.postgres = postgres
        self._made = 0

    @property
    def management(self) -> str:
        """The broker's management API, with its administrator's login."""
        return self._rabbit.management_login

    def login(self, user: str, secret: str, broker: Broker) -> str:
        """The address for a login that is no service's."""
        return self._rabbit.amqp_url(user, secret, broker.name)

    def broker(self, *, concord: bool = True) -> Broker:
        """A new virtual host, with Concord's topology and logins in it, or empty."""
        passwords = {each: secrets.token_urlsafe(16) for each in SERVICES} if concord else None
        return Broker(self._rabbit, self._name("bench"), passwords)

    def database(self, service: str) -> str:
        """The URL of a new empty database."""
        name = self._name(service).replace("-", "_")
        if self.postgres:
            return self.postgres.create_database(name)
        return f"sqlite:///{self.folder / name}.db"

    def service(self, name: str, broker: Broker, **settings: str) -> "Service":
        """One of the four services, started."""
        return Service(name, self.folder / self._name(name), self._settings(name, broker) | settings, self.ops_token)

    def program(self, name: str, arguments: list[str], env: Mapping[str, str]) -> Program:
        return Program(name, self.folder / self._name(name), arguments, env)

    @property
    def broker_pid(self) -> int:
        return self._rabbit.pid

    def restart_broker(self) -> None:
        """Stop the broker in order, and start it on the same data and ports."""
        self._rabbit.stop()
        self._rabbit.start()

    def parts_cpu(self) -> dict[str, float]:
        """CPU seconds so far of broker and database server."""
        parts = {"broker": self._rabbit.pid} | ({"database": self.postgres.pid} if self.postgres else {})
        return {name: cpu_seconds(pid) for name, pid in parts.items()}

    def _settings(self, name: str, broker: Broker) -> dict[str, str]:
        return {
            "CONCORD_BROKER_URL": broker.url(name),
            "CONCORD_DATABASE_URL": self.database(name),
            "CONCORD_HTTP_PORT": str(free_port()),
            "CONCORD_OPS_TOKEN": self.ops_token,
            "CONCORD_CITY": str(CITY),
            "CONCORD_RECEIPT_KEY": secrets.token_urlsafe(32),
            "CONCORD_VAULT_KEYS": new_key(),
            "CONCORD_LINK_KEY": secrets.token_urlsafe(32),
            "CONCORD_MAIL_FROM": "Concord <concord@example.org>",
            "CONCORD_LOG_LEVEL": "WARNING",
            "CONCORD_LIMIT_REPORTS": "off",
            **self.keys,
        }

    def _name(self, what: str) -> str:
        self._made += 1
        return f"{what}-{self._made}"


class Service(Program):
    """`concord serve NAME`."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str], ops_token: str) -> None:
        self.port = int(settings["CONCORD_HTTP_PORT"])
        self.database = settings["CONCORD_DATABASE_URL"]
        self._operator = {"Authorization": f"Bearer {ops_token}"}
        super().__init__(name, folder, ["-m", "concord_cli", "serve", name], settings)

    def await_ready(self) -> None:
        self.await_(lambda: get(self.port, "/readyz")[0] == 200)

    def ledger(self) -> bytes:
        """The ledger's JSON."""
        return get(self.port, "/v1/ledger", self._operator)[1]

    def metric(self, name: str) -> float:
        """The sum of a Prometheus metric over its labels."""
        lines = get(self.port, "/metrics")[1].decode().splitlines()
        found = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return sum(float(value) for series, _, value in found if series.partition("{")[0] == name)


@contextmanager
def stage(*, postgres: bool) -> Iterator[Stage]:
    """Broker (and PostgreSQL) started; everything ended and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    folder.chmod(0o711)  # PostgreSQL runs as an account of its own when root starts it
    server = PostgresNode(folder / "postgres") if postgres else None
    rabbit = RabbitNode(folder / "rabbit", schedulers=beside_services())
    try:
        rabbit.start()
        if server:
            server.start()
        yield Stage(folder, rabbit, server)
    finally:
        rabbit.kill()
        if server:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
