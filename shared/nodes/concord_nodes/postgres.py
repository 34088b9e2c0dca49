"""A private PostgreSQL server in a folder."""

import dataclasses
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from concord_nodes.errors import NodeError, PartMissing
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.node_ports import NodePorts
from concord_nodes.node_state import make_folder, recall, remember
from concord_nodes.tcp_ports import LOOPBACK, until

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root; its package brings this account
LONGEST_SOCKET_FOLDER = 90  # bytes; the path of a Unix socket may have 107


class PostgresNode:
    """PostgreSQL on loopback and on a Unix socket in its folder; data survive `stop` and `kill`.

    Started by root it runs as the account `postgres`, which must be able to reach the folder.
    """

    def __init__(self, folder: Path, *, port: int = 0, max_connections: int = 200) -> None:
        self.folder = folder.absolute()
        self._ports = NodePorts("PostgreSQL", {"postgres": port})
        self._max_connections = max_connections
        make_folder(self.folder)
        self._identity = recall(self.folder, "postgres")
        self._child = GuardedChild("PostgreSQL", self.folder, self.folder / "postgres.log")

    def start(self, seconds: float = 60) -> Self:
        """Create the cluster if there is none, start it and wait until it answers.

        Raises PartMissing, PortTaken when the port asked for is taken, or NodeError when the folder is in use or out
        of reach, or the server is not ready after `seconds`.
        """
        if self.alive:
            return self
        server = find_program("postgres")
        self._child.await_unlocked()
        self._ports.start(lambda ports: self._start_on(ports, server, seconds), self._identity.ports)
        return self

    def _start_on(self, ports: Mapping[str, int], server: Path, seconds: float) -> None:
        self._identity = dataclasses.replace(self._identity, ports=dict(ports))
        remember(self.folder, self._identity)
        self._prepare()
        self._child.start([str(server), *self._options()], self._environment(), user=self._account)
        try:
            self._await_ready(seconds)
        except BaseException:
            self._child.kill()
            raise

    def _prepare(self) -> None:
        """The cluster's folder, with the administrator's password set and remote logins by password only."""
        if (self._data / "PG_VERSION").exists():
            return
        if self._account:
            shutil.chown(self.folder, self._account, self._account)
        self._require_reach()
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

    def _require_reach(self) -> None:
        if self._account and self._attempt("test", "-w", self.folder).returncode:
            raise NodeError(
                f"The account {self._account} cannot reach {self.folder}, as a folder above it is closed.",
                "Choose a folder below one that others may enter, or do not run this as root.",
            )

    def _run(self, *command: object) -> None:
        done = self._attempt(*command)
        if done.returncode:
            raise NodeError(f"{command[0]} failed: {done.stderr or done.stdout}", "See the message above.")

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

    def _options(self) -> list[str]:
        sockets = self.folder if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER else ""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": sockets,
            "max_connections": self._max_connections,
            "fsync": "on",
            "timezone": "UTC",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self._data), *options]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.folder), "LANG": "C.UTF-8"}

    @property
    def _account(self) -> str | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(ACCOUNT).pw_name
        except KeyError as error:
            raise PartMissing(
                f"PostgreSQL does not run as root, and there is no account {ACCOUNT}.",
                "Install the system's package postgresql.",
            ) from error

    def _await_ready(self, seconds: float) -> None:
        until(lambda: not self.alive or self.ready(), seconds)
        if not self.alive or not self.ready():
            raise NodeError(
                f"PostgreSQL did not come up:\n{self._child.words()}", f"See {self._log}; the folder may be damaged."
            )

    def ready(self) -> bool:
        """Whether the server takes connections."""
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
        connection = self._connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def create_database(self, name: str) -> str:
        """A new empty database; gives its URL."""
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending the connections to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, database: str = "postgres") -> str:
        """postgresql+psycopg2://user:password@127.0.0.1:port/database, the administrator's."""
        login = f"{self._identity.user}:{quote(self._identity.password, safe='')}"
        return f"postgresql+psycopg2://{login}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    @property
    def port(self) -> int:
        return self._identity.ports["postgres"]

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._child.pid

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "postgres.log"

    def stop(self, seconds: float = 20) -> None:
        """End in order (SIGINT, PostgreSQL's fast shutdown); after `seconds` by force."""
        self._child.stop(signal.SIGINT, seconds)

    def kill(self) -> None:
        """End all its processes at once (SIGKILL), as a crash would."""
        self._child.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def discard(self) -> None:
        """End at once and remove the folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find_program(name: str) -> Path:
    """One of PostgreSQL's programs: the newest in Debian's folders, else from PATH."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda each: int(each.parts[-3]), reverse=True
    )
    if installed:
        return installed[0]
    found = shutil.which(name)
    if not found:
        raise PartMissing(
            "PostgreSQL is not installed.", "Install it, on Debian or Ubuntu with: apt-get install postgresql"
        )
    return Path(found).resolve()
