"""Programs under measurement: child processes that end with us, their CPU time and memory from /proc."""

import contextlib
import http.client
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from concord_nodes.guarded_process import GuardedChild, log_excerpt
from concord_nodes.tcp_ports import until

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0


class Program:
    """A Python program in a process of its own. Leaving the block ends it."""

    def __init__(self, name: str, folder: Path, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._log = folder / "log"
        self._child = GuardedChild(name, folder, self._log)
        self._child.start([sys.executable, "-W", "ignore", *arguments], {**plain_environment(), **env})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stop(signal.SIGTERM, 12)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def cpu(self) -> float:
        return cpu_seconds(self.pid)

    def await_(self, condition: Callable[[], bool], seconds: float = START_SECONDS, every: float = 0.05) -> None:
        """Until `condition` holds. Raises RuntimeError with its last words when it ends or takes too long."""
        until(lambda: not self._child.alive or condition(), seconds, every)
        if not self._child.alive or not condition():
            what = "took too long" if self._child.alive else "ended"
            raise RuntimeError(f"{self.name} {what}:\n{log_excerpt(self._log)}")


def plain_environment() -> dict[str, str]:
    """What a child gets of our own environment, so that a setting of ours cannot change what is measured."""
    passed = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    return passed | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of a process, its ended children and its living ones."""
    own = _stat(pid)
    return sum(own[11:15]) / TICKS + sum(sum(_stat(each)[11:13]) for each in _children(pid)) / TICKS


def _stat(pid: int) -> list[int]:
    """Numbers of /proc/PID/stat from the parent's id on are at 1 and so on; zeros for a process that has gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [0, *map(int, fields[1:])]
    return [0] * 50


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def resident_mib(pid: int) -> float:
    """Resident memory (VmRSS): what the process has in RAM, shared libraries included."""
    return _status_mib(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """The most that the process ever had resident (VmHWM), also between two looks."""
    return _status_mib(pid, "VmHWM")


def _status_mib(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def proportional_mib(pid: int) -> float:
    """Proportional memory (PSS): as above, what is shared divided among those who share it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body; (0, b"") when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
