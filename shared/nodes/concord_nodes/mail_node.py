"""The mail catcher's program as a child process that ends with its owner."""

import os
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import concord_nodes
from concord_http import HttpClient, HttpError, Limits
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.node_ports import NodePorts
from concord_nodes.node_state import make_folder
from concord_nodes.tcp_ports import LOOPBACK, until

LIMITS = Limits(connect_seconds=5, read_seconds=5, total_seconds=10)


class MailNode:
    """`python -m concord_nodes.mail_catcher` on `folder`, whose mails survive `stop` and `kill`."""

    def __init__(self, folder: Path, *, smtp_port: int = 0, http_port: int = 0) -> None:
        self.folder = folder.absolute()
        self._ports = NodePorts("the mail catcher", {"smtp": smtp_port, "page": http_port})
        self.smtp_port, self.http_port = smtp_port, http_port
        make_folder(self.folder)
        self._log = self.folder / "console.log"
        self._child = GuardedChild("The mail catcher", self.folder, self._log)

    def start(self, seconds: float = 20) -> Self:
        """Start and wait until the page answers.

        Raises PortTaken when a port asked for is taken, NodeError when the folder is in use or it does not come up.
        """
        if self.alive:
            return self
        self._child.await_unlocked()
        remembered = {"smtp": self.smtp_port, "page": self.http_port}
        self._ports.start(lambda ports: self._start_on(ports["smtp"], ports["page"], seconds), remembered)
        return self

    def _start_on(self, smtp_port: int, http_port: int, seconds: float) -> None:
        self.smtp_port, self.http_port = smtp_port, http_port
        ports = ("--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port))
        self._child.start(
            [sys.executable, "-m", "concord_nodes.mail_catcher", *ports, "--folder", str(self.folder / "mails")],
            os.environ | {"PYTHONPATH": str(Path(concord_nodes.__file__).parents[1])},
        )
        until(lambda: not self.alive or self.ready(), seconds)
        if not self.alive or not self.ready():
            self.kill()
            raise NodeError(f"The mail catcher did not come up:\n{self._child.words()}", f"See {self._log}.")

    def ready(self) -> bool:
        try:
            return self.count() >= 0
        except HttpError:
            return False

    def count(self) -> int:
        """How many mails it keeps. Raises HttpError when it does not answer."""
        with HttpClient(self.page_url, limits=LIMITS) as client:
            return int(client.get_json("/count")["count"])

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def smtp_url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.smtp_port}"

    @property
    def page_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}/"

    def stop(self, seconds: float = 5) -> None:
        self._child.stop(signal.SIGTERM, seconds)

    def kill(self) -> None:
        self._child.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
