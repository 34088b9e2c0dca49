"""A private RabbitMQ node in a folder: its own name, ports, cookie, login and data."""

import dataclasses
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self
from urllib.parse import quote

from concord_http import Limits
from concord_http.rabbitmq_management import RabbitManagement
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild, last_words
from concord_nodes.node_ports import NodePorts
from concord_nodes.node_state import make_folder, recall, remember
from concord_nodes.rabbitmq_config import RabbitSettings, environment, find_script, write_files
from concord_nodes.tcp_ports import LOOPBACK, until

MANAGEMENT_LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=60)
MIB = 1024 * 1024
DETS_CLOSED = slice(8, 12)
DETS_OPEN = bytes(4)
LOOK_AGAIN_SECONDS = 0.05
LISTENERS = ("amqp", "management", "metrics", "distribution", "epmd", "stream")
PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")


class RabbitNode:
    """RabbitMQ on loopback, from Debian's package or the upstream archive.

    The node's name, login and (unless they are taken by then) ports stay the same for one folder, so durable
    queues survive `stop` and `kill`. The only login is a random administrator's; there is no guest.
    """

    def __init__(
        self,
        folder: Path,
        *,
        amqp_port: int = 0,
        management_port: int = 0,
        plugins: Sequence[str] = PLUGINS,
        config: Mapping[str, str] | None = None,
        memory_limit: int = 1024 * MIB,
        disk_free_limit: int = 50 * MIB,
        schedulers: int = 2,
    ) -> None:
        """`config` takes keys of rabbitmq.conf; a port of 0 is chosen; limits are in bytes.

        `schedulers` are Erlang's: how many cores the node may compute on.
        """
        self.folder = folder.absolute()
        asked = dict.fromkeys(LISTENERS, 0) | {"amqp": amqp_port, "management": management_port}
        self._ports = NodePorts("RabbitMQ", asked)
        self._settings = RabbitSettings(plugins, config or {}, memory_limit, disk_free_limit, schedulers)
        make_folder(self.folder)
        self._identity = recall(self.folder, "concord")
        self._child = GuardedChild("RabbitMQ", self.folder, self.folder / "console.log")

    def start(self, seconds: float = 90) -> Self:
        """Start and wait until AMQP and the management API answer.

        Raises PartMissing, PortTaken when a port asked for is taken, or NodeError when the folder is in use, the node
        ends, or it is not ready after `seconds`.
        """
        if self.alive:
            return self
        server = find_script("rabbitmq-server")
        self._child.await_unlocked()
        self._ports.start(lambda ports: self._start_on(ports, server, seconds), self._identity.ports)
        return self

    def _start_on(self, ports: Mapping[str, int], server: Path, seconds: float) -> None:
        self._identity = dataclasses.replace(self._identity, ports=dict(ports))
        remember(self.folder, self._identity)
        write_files(self.folder, self._identity, self._settings)
        self._child.start([str(server)], self._environment)
        try:
            self._await_ready(seconds)
        except BaseException:
            self._child.kill()
            raise

    @property
    def _environment(self) -> dict[str, str]:
        return environment(self.folder, self._identity, self._settings)

    def _await_ready(self, seconds: float) -> None:
        until(lambda: not self._child.alive or self.ready(), seconds, every=0.05)
        if not self._child.alive:
            raise NodeError(f"RabbitMQ ended while starting:\n{self._last_words()}", f"See {self.folder}.")
        if not self.ready():
            raise NodeError(
                f"RabbitMQ was not ready after {seconds:.0f} s:\n{self._last_words()}",
                "Give it more time or more of the machine.",
            )

    def _last_words(self) -> str:
        return self._child.words() or last_words(self.log)

    def ready(self) -> bool:
        """Whether AMQP is spoken on its port and, with the management plugin, its API answers."""
        if not self._speaks_amqp():
            return False
        if "rabbitmq_management" not in self._settings.plugins:
            return True
        return self.management.status("/api/whoami") == 200

    def _speaks_amqp(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.amqp_port), timeout=2) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return probe.recv(1) == b"\x01"
        except OSError:
            return False

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def pid(self) -> int:
        """Process id of the Erlang VM."""
        return self._child.pid

    @property
    def name(self) -> str:
        return f"{self._identity.name}@localhost"

    @property
    def user(self) -> str:
        return self._identity.user

    @property
    def password(self) -> str:
        return self._identity.password

    @property
    def amqp_port(self) -> int:
        return self._identity.ports["amqp"]

    @property
    def log(self) -> Path:
        return self.folder / "log" / f"{self.name}.log"

    def amqp_url(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """amqp://user:password@127.0.0.1:port/vhost, the administrator's by default."""
        login = f"{quote(user or self.user, safe='')}:{quote(password or self.password, safe='')}"
        return f"amqp://{login}@{LOOPBACK}:{self.amqp_port}/{quote(vhost, safe='')}"

    @property
    def management_url(self) -> str:
        return f"http://{LOOPBACK}:{self._identity.ports['management']}"

    @property
    def management_login(self) -> str:
        """The management API's URL with the administrator's login in it."""
        return self.management_url.replace("//", f"//{quote(self.user, safe='')}:{quote(self.password, safe='')}@")

    @property
    def metrics_url(self) -> str:
        """Prometheus metrics of the node (plugin rabbitmq_prometheus)."""
        return f"http://{LOOPBACK}:{self._identity.ports['metrics']}/metrics"

    @property
    def management(self) -> RabbitManagement:
        """The management API with the administrator's login."""
        return RabbitManagement(self.management_login, limits=MANAGEMENT_LIMITS)

    def ctl(self, *arguments: str, seconds: float = 60) -> str:
        """What `rabbitmqctl` prints. Takes seconds: prefer `management` where it can do the same."""
        if not self.alive:
            raise NodeError("RabbitMQ does not run.", "Start it first.")
        command = [str(find_script("rabbitmqctl")), "-n", self.name, *arguments]
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NodeError(f"rabbitmqctl {arguments[0]} took over {seconds:.0f} s.", "Is it frozen?") from error
        if done.returncode:
            raise NodeError(f"rabbitmqctl {arguments[0]} failed: {done.stderr or done.stdout}", "See its log.")
        return done.stdout

    def freeze(self) -> None:
        """Stop the node in its tracks (SIGSTOP): connections stay open, nothing is answered."""
        self._child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.signal(signal.SIGCONT)

    def memory_alarm(self, on: bool, seconds: float = 30) -> None:
        """Raise or clear the memory alarm, which blocks every publishing connection; returns when it is so."""
        watermark = ("0.000001",) if on else ("absolute", str(self._settings.memory_limit))
        self.ctl("set_vm_memory_high_watermark", *watermark)
        wanted = 503 if on else 200
        if not until(lambda: self.management.status("/api/health/checks/alarms") == wanted, seconds, 0.1):
            raise NodeError(f"The memory alarm did not turn {'on' if on else 'off'}.", "See the node's log.")

    def await_recoverable(self, *queues: str, vhost: str = "/", seconds: float = 10) -> None:
        """Wait until new quorum queues would survive `kill`.

        RabbitMQ 3.10 answers a declaration up to about a second before the file that names the queue's log is safe;
        a queue that loses this race exists after the restart but answers nothing, until it is deleted. The file (an
        Erlang dets table) is safe when it holds the queue and its header says that it was closed properly, which it
        does half a second after the last change; one that must be repaired may lose an entry it holds. It is read
        twice: a single look can see the old header beside a new entry.
        """
        entries = [f"{quote(vhost, safe='')}_{quote(each, safe='')}".encode() for each in queues]

        def looked() -> list[bytes]:
            return [file.read_bytes() for file in (self.folder / "data").glob("*/quorum/*/names.dets")]

        def safe() -> bool:
            before = looked()
            sleep(LOOK_AGAIN_SECONDS)
            closed = [each for each in looked() if each in before and each[DETS_CLOSED] != DETS_OPEN]
            return all(any(entry in each for each in closed) for entry in entries)

        if not until(safe, seconds):
            raise NodeError(
                f"The queues {', '.join(queues)} were not written within {seconds:.0f} s.", "See the node's log."
            )

    def stop(self, seconds: float = 20) -> None:
        """End in order (SIGTERM); after `seconds` by force. The management plugin alone takes about 6 s."""
        self._child.stop(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """End at once (SIGKILL), as a crash would. Confirmed messages in durable queues survive."""
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
