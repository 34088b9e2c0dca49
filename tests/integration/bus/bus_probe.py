"""A probe as a child process."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bus_waiting import eventually
from prometheus_client.parser import text_string_to_metric_families

from concord_nodes.tcp_ports import free_port

HERE = Path(__file__).parent


class ProbeProcess:
    """Starts, ends and asks one probe. `database` is the URL of its database."""

    def __init__(self, env: Mapping[str, str], folder: Path, database: str) -> None:
        self.database = database
        self.port = free_port()
        self._log = folder / f"probe-{self.port}.log"
        path = f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        self._env = {**os.environ, **env, "PROBE_PORT": str(self.port), "PYTHONPATH": path}
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> "ProbeProcess":
        """Start without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "probe_service"], env=self._env, stdin=subprocess.DEVNULL, stderr=log
            )
        return self

    def start(self) -> "ProbeProcess":
        """Start and wait until it is ready."""
        self.launch()
        self.await_ready()
        return self

    def await_ready(self, seconds: float = 30.0) -> None:
        try:
            eventually(self.reasons, [], seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.log[-3000:]}") from None

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait(timeout=10)

    def ask_to_stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def await_end(self, seconds: float = 15.0) -> int:
        """Its exit code; fails when it is still there after `seconds`."""
        assert self._process is not None
        return self._process.wait(timeout=seconds)

    def stop(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        began = time.monotonic()
        self.ask_to_stop()
        self.await_end()
        return time.monotonic() - began

    def ask(self, path: str, body: Any = None, seconds: float = 15.0) -> Any:
        """The answer of its page. Raises OSError when it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("POST" if body else "GET", path, json.dumps(body) if body else None)
            response = connection.getresponse()
            text = response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise OSError(f"{response.status} {text!r}")
        return text.decode() if path == "/metrics" else json.loads(text)

    def reasons(self) -> list[str]:
        """Why it is not ready; empty when it is."""
        try:
            answer: dict[str, Any] = self.ask("/health")
        except OSError as error:
            return [f"no answer: {error}"]
        assert answer["ready"] == (not answer["reasons"])
        return list(answer["reasons"])

    def waits(self) -> int:
        """How often it has given up the processor to wait for something."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

    def publish(self, what: str, name: str, count: int) -> list[str]:
        """Have it publish events through its outbox; their ids."""
        ids: list[str] = self.ask("/publish", {"what": what, "name": name, "count": count})
        return ids

    def metrics(self) -> dict[str, float]:
        """Its Prometheus metrics as `name{label=value}`, without the prefix `concord_bus_`."""
        found = {}
        for family in text_string_to_metric_families(self.ask("/metrics")):
            for sample in family.samples:
                labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                name = sample.name.removeprefix("concord_bus_")
                found[f"{name}{{{labels}}}" if labels else name] = sample.value
        return found
