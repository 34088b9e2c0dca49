"""The mail catcher's program as a child process that ends with its owner."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from concord_http import HttpClient, HttpError, Limits
from concord_nodes.node import Node
from concord_nodes.tcp_ports import LOOPBACK

LIMITS = Limits(connect_seconds=5, read_seconds=5, total_seconds=10)


class MailNode(Node):
    """`python -m concord_nodes.mail_catcher` on `folder`, whose mails survive `stop` and `kill`."""

    title = "the mail catcher"
    console = "console.log"
    start_seconds = 20
    stop_seconds = 5

    def __init__(self, folder: Path, *, smtp_port: int = 0, http_port: int = 0) -> None:
        super().__init__(folder, {"smtp": smtp_port, "page": http_port})

    def _program(self) -> Path:
        return Path(sys.executable)

    def _arguments(self) -> Sequence[str]:
        ports = ("--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port))
        return ("-m", "concord_nodes.mail_catcher", *ports, "--folder", str(self.folder / "mails"))

    def _environment(self) -> Mapping[str, str]:
        return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}

    def ready(self) -> bool:
        try:
            return self.count() >= 0
        except HttpError:
            return False

    def count(self) -> int:
        """Return the number of stored mails. Raises HttpError without an answer."""
        with HttpClient(self.page_url, limits=LIMITS) as client:
            return int(client.get_json("/count")["count"])

    @property
    def smtp_port(self) -> int:
        return self.ports["smtp"]

    @property
    def http_port(self) -> int:
        return self.ports["page"]

    @property
    def smtp_url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.smtp_port}"

    @property
    def page_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}/"
