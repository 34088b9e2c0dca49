"""A private Prometheus server in a folder."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from concord_http import HttpClient, HttpError, Limits, Response
from concord_nodes.errors import NodeError, PartMissing
from concord_nodes.node import Node
from concord_nodes.tcp_ports import LOOPBACK

LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=30)
NOTHING_TO_SCRAPE = "global: {scrape_interval: 15s}\n"


class PrometheusNode(Node):
    """Prometheus on loopback. Its samples survive `stop` and `kill`."""

    title = "Prometheus"
    console = "prometheus.log"
    start_seconds = 30

    def __init__(self, folder: Path, config: Path | None = None, *, port: int = 0) -> None:
        """Without `config` the server scrapes nothing. A port of 0 means any free one."""
        super().__init__(folder, {"http": port})
        self._config = config.absolute() if config else self.folder / "prometheus.yml"
        if config is None:
            self._config.write_text(NOTHING_TO_SCRAPE)

    def _program(self) -> Path:
        return find_program("prometheus")

    def _arguments(self) -> Sequence[str]:
        return (
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{self.port}",
        )

    @property
    def port(self) -> int:
        return self.ports["http"]

    def ready(self) -> bool:
        try:
            return self._get("/-/ready").status == 200
        except HttpError:
            return False

    def ask(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """Return the data of /api/v1/`path`. Raises NodeError with Prometheus' error text."""
        response = self._get(f"/api/v1/{path}?{urlencode(parameters or {})}").json()
        if response["status"] != "success":
            raise NodeError(f"Prometheus rejected {path}: {response['error']}.", "Correct the query.")
        return response["data"]

    def query(self, expression: str) -> Any:
        """Return the current value of a PromQL expression: a dictionary of `metric` and `value` for each series."""
        return self.ask("query", {"query": expression})["result"]

    def _get(self, path: str) -> Response:
        with HttpClient(f"http://{LOOPBACK}:{self.port}", limits=LIMITS) as client:
            return client.get(path)


def find_program(name: str) -> Path:
    """Return the path of `prometheus` or `promtool`. Raises PartMissing."""
    program = shutil.which(name)
    if not program:
        raise PartMissing(
            "Prometheus is not installed.", "Install it, on Debian or Ubuntu with: apt-get install prometheus"
        )
    return Path(program)
