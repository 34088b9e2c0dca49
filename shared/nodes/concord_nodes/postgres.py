"""A private PostgreSQL server in a folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from concord_nodes.errors import NodeError, PartMissing
from concord_nodes.node import Node
from concord_nodes.node_state import recall, remember
from concord_nodes.tcp_ports import LOOPBACK

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root; its package brings this account
MAX_SOCKET_FOLDER = 90  # bytes; the path of a Unix socket may have 107


class PostgresNode(Node):
    """PostgreSQL on loopback and on a Unix socket in its folder. Data survive `stop` and `kill`.

    When root starts the node, it runs as the account `postgres`, which must have access to the folder.
    """

    title = "PostgreSQL"
    console = "postgres.log"
    start_seconds = 60
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        max_connections: int = 200,
        config: Mapping[str, str] | None = None,
    ) -> None:
        """`config` takes keys of postgresql.conf."""
        super().__init__(folder, {"postgres": port})
        self._config = config or {}
        self._max_connections = max_connections
        self._identity = recall(self.folder, "postgres")
        self.ports |= self._identity.ports

    def _program(self) -> Path:
        return find_program("postgres")

    def _prepare(self, ports: Mapping[str, int]) -> None:
        """Create the cluster if there is none: with the administrator's password, and logins by password only."""
        super()._prepare(ports)
        self._identity = replace(self._identity, ports=self.ports)
        remember(self.folder, self._identity)
        if (self._data / "PG_VERSION").exists():
            return
        if self._account:
            shutil.chown(self.folder, self._account, self._account)
        self._require_access()
        shutil.rmtree(self._data, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix="password") as password:
            password.write(self._identity.password)
            password.flush()
            if self._account:
                shutil.chown(password.name, self._account)
            self._run(
                *(find_program("initdb"), "--pgdata", self._data, "--username", self._identity.user),
                *("--auth", "scram-sha-256", "--pwfile", password.name),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            )

    def _require_access(self) -> None:
        if self._account and self._attempt("test", "-w", self.folder).returncode:
            raise NodeError(
                f"The account {self._account} has no access to {self.folder}, or to a folder above it.",
                "Choose a folder that every account may enter, or do not run this as root.",
            )

    def _run(self, *command: object) -> None:
        result = self._attempt(*command)
        if result.returncode:
            raise NodeError(
                f"{command[0]} failed: {result.stderr or result.stdout}", "Correct the cause and start again."
            )

    def _attempt(self, *command: object) -> subprocess.CompletedProcess[str]:
        as_account: dict[str, Any] = {}
        if self._account:
            as_account = {"user": self._account, "group": self._account, "extra_groups": []}
        return subprocess.run(
            [str(part) for part in command],
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **as_account,
        )

    def _arguments(self) -> Sequence[str]:
        sockets = self.folder if len(os.fsencode(self.folder)) <= MAX_SOCKET_FOLDER else ""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": sockets,
            "max_connections": self._max_connections,
            "fsync": "on",
            "timezone": "UTC",
            **self._config,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self._data), *options]

    @property
    def _account(self) -> str | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(ACCOUNT).pw_name
        except KeyError as error:
            raise PartMissing(
                f"PostgreSQL does not run as root, and the account {ACCOUNT} does not exist.",
                "Install the system's package postgresql.",
            ) from error

    def ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connect(self, database: str = "postgres") -> Any:
        connection = psycopg2.connect(
            host=LOOPBACK,
            port=self.port,
            user=self._identity.user,
            password=self._identity.password,
            dbname=database,
            connect_timeout=5,
        )
        connection.autocommit = True
        return connection

    def execute(self, statement: sql.Composable | str, database: str = "postgres") -> None:
        """Run one statement as the administrator, outside a transaction."""
        with closing(self._connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending the connections to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, database: str = "postgres") -> str:
        """Return postgresql+psycopg2://user:password@127.0.0.1:port/database with the administrator's login."""
        login = f"{self._identity.user}:{quote(self._identity.password, safe='')}"
        return f"postgresql+psycopg2://{login}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    @property
    def port(self) -> int:
        return self.ports["postgres"]

    @property
    def _data(self) -> Path:
        return self.folder / "data"


def find_program(name: str) -> Path:
    """Return one of PostgreSQL's programs: the newest in Debian's folders, else from PATH. Raises PartMissing."""
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None) or shutil.which(name)
    if not newest:
        raise PartMissing(
            "PostgreSQL is not installed.", "Install it, on Debian or Ubuntu with: apt-get install postgresql"
        )
    return Path(newest).resolve()
