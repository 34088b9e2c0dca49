"""A private RabbitMQ node in a folder: its own name, ports, cookie, login and data."""

import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import sleep
from urllib.parse import quote

from concord_http import Limits
from concord_http.rabbitmq_management import RabbitManagement
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import log_excerpt
from concord_nodes.node import Node
from concord_nodes.node_state import recall, remember
from concord_nodes.rabbitmq_config import RabbitSettings, environment, find_script, write_files
from concord_nodes.tcp_ports import LOOPBACK, until

MANAGEMENT_LIMITS = Limits(connect_seconds=10, read_seconds=90, total_seconds=120)
"""A busy machine takes long to import definitions. A node can be unusable after an import that its client gave up."""
MIB = 1024 * 1024
DETS_CLOSED = slice(8, 12)
DETS_OPEN = bytes(4)
STREAM_COORDINATOR = b"rabbit_stream_coordinator"
"""The cluster that knows all streams of a node, in the name file of the folder "coordination"."""
REREAD_SECONDS = 0.05
LISTENERS = ("amqp", "management", "metrics", "distribution", "epmd", "stream")
PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")


class RabbitNode(Node):
    """RabbitMQ on loopback, from Debian's package or the upstream archive.

    One folder keeps the node's name, its login and, unless another program takes them, its ports. So durable queues
    survive `stop` and `kill`. The only login is the administrator's, with a random password; there is no guest.
    """

    title = "RabbitMQ"
    console = "console.log"
    start_seconds = 90  # `stop` takes about 6 s with the management plugin

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
        """`config` takes keys of rabbitmq.conf. A port of 0 means any free one. Limits are in bytes.

        `schedulers` is the number of Erlang's scheduler threads, and so of the cores that the node can use.
        """
        super().__init__(folder, dict.fromkeys(LISTENERS, 0) | {"amqp": amqp_port, "management": management_port})
        self._settings = RabbitSettings(plugins, config or {}, memory_limit, disk_free_limit, schedulers)
        self._identity = recall(self.folder, "concord")
        self.ports |= self._identity.ports

    def _program(self) -> Path:
        return find_script("rabbitmq-server")

    def _arguments(self) -> Sequence[str]:
        return ()

    def _environment(self) -> Mapping[str, str]:
        return environment(self.folder, self._identity, self._settings)

    def _prepare(self, ports: Mapping[str, int]) -> None:
        super()._prepare(ports)
        self._identity = replace(self._identity, ports=self.ports)
        remember(self.folder, self._identity)
        write_files(self.folder, self._identity, self._settings)

    def _log_excerpt(self) -> str:
        return self._child.log_excerpt() or log_excerpt(self.log)

    def ready(self) -> bool:
        """Return whether the node accepts AMQP and, with the management plugin, its API answers."""
        if not self._accepts_amqp():
            return False
        if "rabbitmq_management" not in self._settings.plugins:
            return True
        return self.management.status("/api/whoami") == 200

    def _accepts_amqp(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.amqp_port), timeout=2) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return probe.recv(1) == b"\x01"
        except OSError:
            return False

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
        return self.ports["amqp"]

    @property
    def log(self) -> Path:
        return self.folder / "log" / f"{self.name}.log"

    def amqp_url(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """Return amqp://user:password@127.0.0.1:port/vhost, by default with the administrator's login."""
        login = f"{quote(user or self.user, safe='')}:{quote(password or self.password, safe='')}"
        return f"amqp://{login}@{LOOPBACK}:{self.amqp_port}/{quote(vhost, safe='')}"

    @property
    def management_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['management']}"

    @property
    def management_login(self) -> str:
        """URL of the management API, with the administrator's login in it."""
        return self.management_url.replace("//", f"//{quote(self.user, safe='')}:{quote(self.password, safe='')}@")

    @property
    def metrics_url(self) -> str:
        """Prometheus metrics of the node (plugin rabbitmq_prometheus)."""
        return f"http://{LOOPBACK}:{self.ports['metrics']}/metrics"

    @property
    def management(self) -> RabbitManagement:
        """The management API with the administrator's login."""
        return RabbitManagement(self.management_login, limits=MANAGEMENT_LIMITS)

    def ctl(self, *arguments: str, seconds: float = 60) -> str:
        """Return the output of `rabbitmqctl`. It takes seconds: prefer `management` where that can do the same."""
        if not self.alive:
            raise NodeError("RabbitMQ does not run.", "Start it first.")
        command = [str(find_script("rabbitmqctl")), "-n", self.name, *arguments]
        try:
            result = subprocess.run(
                command, env=self._environment(), capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NodeError(
                f"rabbitmqctl {arguments[0]} took over {seconds:.0f} s.", "Check that the node is not frozen."
            ) from error
        if result.returncode:
            raise NodeError(f"rabbitmqctl {arguments[0]} failed: {result.stderr or result.stdout}", f"See {self.log}.")
        return result.stdout

    def freeze(self) -> None:
        """Suspend the node (SIGSTOP): its connections stay open, and it answers nothing."""
        self._child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.signal(signal.SIGCONT)

    def memory_alarm(self, on: bool, seconds: float = 30) -> None:
        """Raise or clear the memory alarm, which blocks every publishing connection. Wait until it takes effect."""
        watermark = ("0.000001",) if on else ("absolute", str(self._settings.memory_limit))
        self.ctl("set_vm_memory_high_watermark", *watermark)
        status = 503 if on else 200
        if not until(lambda: self.management.status("/api/health/checks/alarms") == status, seconds, 0.1):
            raise NodeError(f"The memory alarm did not turn {'on' if on else 'off'}.", f"See {self.log}.")

    def await_recoverable(self, *queues: str, vhost: str = "/", streams: bool = False, seconds: float = 10) -> None:
        """Wait until new quorum queues, and with `streams` the node's first stream, would survive `kill`.

        RabbitMQ 3.10 answers a declaration up to about a second before the name file of the queue's log is safe. A
        queue that loses this race exists after the restart but answers nothing until you delete it.

        The name file (an Erlang dets table) is safe when it holds the queue and its header says "properly closed",
        half a second after the last change. A file that needs a repair may lose an entry. This method reads the file
        twice, because a single read can see the old header beside a new entry.
        """
        entries = [f"{quote(vhost, safe='')}_{quote(queue, safe='')}".encode() for queue in queues]
        entries += [STREAM_COORDINATOR] if streams else []

        def name_files() -> list[bytes]:
            return [file.read_bytes() for file in (self.folder / "data").glob("*/*/*/names.dets")]

        def safe() -> bool:
            before = name_files()
            sleep(REREAD_SECONDS)
            closed = [content for content in name_files() if content in before and content[DETS_CLOSED] != DETS_OPEN]
            return all(any(entry in content for content in closed) for entry in entries)

        if not until(safe, seconds):
            raise NodeError(
                f"RabbitMQ did not write the queues {', '.join(queues)} within {seconds:.0f} s.", f"See {self.log}."
            )
