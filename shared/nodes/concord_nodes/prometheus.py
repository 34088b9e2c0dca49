"""A private Prometheus server in a folder."""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from concord_http import HttpClient, HttpError, Limits, Response
from concord_nodes.errors import NodeError, PartMissing
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.node_ports import NodePorts
from concord_nodes.node_state import make_folder
from concord_nodes.tcp_ports import LOOPBACK, until

LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=30)
NOTHING_TO_SCRAPE = "global: {scrape_interval: 15s}\n"


class PrometheusNode:
    """Prometheus on loopback with the configuration in `config`; what it gathered survives `stop` and `kill`."""

    def __init__(self, folder: Path, config: Path | None = None, *, port: int = 0) -> None:
        """Without `config` it scrapes nothing. A port of 0 is chosen."""
        self.folder = folder.absolute()
        self.port = port
        self._ports = NodePorts("Prometheus", {"http": port})
        make_folder(self.folder)
        self._config = config.absolute() if config else self.folder / "prometheus.yml"
        if config is None:
            self._config.write_text(NOTHING_TO_SCRAPE)
        self._log = self.folder / "prometheus.log"
        self._child = GuardedChild("Prometheus", self.folder, self._log)

    def start(self, seconds: float = 30) -> Self:
        """Start and wait until it is ready to be asked.

        Raises PartMissing, PortTaken when the port asked for is taken, or NodeError when the folder is in use, or it
        does not come up, as with a configuration that it refuses.
        """
        if self.alive:
            return self
        program = find_program("prometheus")
        self._child.await_unlocked()
        self._ports.start(lambda ports: self._start_on(ports["http"], program, seconds), {"http": self.port})
        return self

    def _start_on(self, port: int, program: Path, seconds: float) -> None:
        self.port = port
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.folder)}
        self._child.start([str(program), *self._options()], environment)
        until(lambda: not self.alive or self.ready(), seconds)
        if not self.alive or not self.ready():
            self.kill()
            raise NodeError(f"Prometheus did not come up:\n{self._child.words()}", f"See {self._log}.")

    def _options(self) -> Sequence[str]:
        return (
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{self.port}",
        )

    def ready(self) -> bool:
        try:
            return self._get("/-/ready").status == 200
        except HttpError:
            return False

    def ask(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The data that its API gives at /api/v1/`path`. Raises NodeError with its words when it refuses."""
        answer = self._get(f"/api/v1/{path}?{urlencode(parameters or {})}").json()
        if answer["status"] != "success":
            raise NodeError(f"Prometheus refuses {path}: {answer['error']}.", "Put the question right.")
        return answer["data"]

    def query(self, expression: str) -> Any:
        """What PromQL gives now: one dictionary of `metric` and `value` for each series."""
        return self.ask("query", {"query": expression})["result"]

    def _get(self, path: str) -> Response:
        with HttpClient(f"http://{LOOPBACK}:{self.port}", limits=LIMITS) as client:
            return client.get(path)

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def pid(self) -> int:
        return self._child.pid

    def stop(self, seconds: float = 20) -> None:
        self._child.stop(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """End at once (SIGKILL), as a crash would."""
        self._child.kill()

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
    """`prometheus` or `promtool`. Raises PartMissing."""
    found = shutil.which(name)
    if not found:
        raise PartMissing(
            "Prometheus is not installed.", "Install it, on Debian or Ubuntu with: apt-get install prometheus"
        )
    return Path(found)
