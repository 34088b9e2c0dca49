"""A reader's terminals: one shell in which commands run in turn, and others beside it for what runs until Ctrl-C."""

import contextlib
import os
import re
import select
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Self

SECONDS = 180.0
RETRY_SECONDS = 60.0


@dataclass
class Beside:
    """A command that runs in a terminal of its own until Ctrl-C. What it prints is in `output`."""

    command: str
    process: int
    output: Path

    def await_text(self, pattern: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until what it printed matches `pattern`. Each second it does not, call `meanwhile`."""
        deadline, pokes = monotonic() + SECONDS, monotonic() + 1
        while not re.search(pattern, said := self.output.read_text("utf-8", "replace")):
            assert monotonic() < deadline, f"{self.command}: no {pattern!r} within {SECONDS:.0f} s in:\n{said}"
            assert _runs(self.process), f"{self.command} has ended:\n{said}"
            if monotonic() > pokes:
                meanwhile()
                pokes = monotonic() + 1
            sleep(0.05)

    def interrupt(self, seconds: float = 20) -> None:
        """Press Ctrl-C and wait for the end."""
        deadline = monotonic() + seconds
        os.killpg(self.process, signal.SIGINT)
        while _runs(self.process):
            if monotonic() > deadline:
                os.killpg(self.process, signal.SIGKILL)
                raise AssertionError(f"{self.command}: not at its end {seconds:.0f} s after Ctrl-C")
            sleep(0.05)


@dataclass
class Shell:
    """A bash in `folder`. It keeps variables and the current folder from one command to the next."""

    folder: Path
    env: Mapping[str, str]
    beside: list[Beside] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._outputs = self.folder.parent / "outputs"
        self._outputs.mkdir(exist_ok=True)
        self._bash = subprocess.Popen(
            ["bash"],
            cwd=self.folder,
            env=dict(self.env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # bash's own: it has no terminal
        )
        # A command in the background is then a process group of its own, and takes Ctrl-C as in a terminal.
        self.run("set -m")

    def run(self, command: str, seconds: float = SECONDS) -> tuple[int, str]:
        """Run a command to its end; return its exit code and all that it printed."""
        output = self._new_output()
        code = self._ask(f"{{ {command}\n}} >'{output}' 2>&1 </dev/null; echo $?", seconds, command)
        return int(code), output.read_text("utf-8", "replace")

    def run_until(self, command: str, code: int, pattern: str) -> str:
        """Run a command, again for RETRY_SECONDS while its output does not match: events take a moment."""
        deadline = monotonic() + RETRY_SECONDS
        while True:
            found, said = self.run(command)
            if found == code and re.search(pattern, said):
                return said
            assert monotonic() < deadline, f"{command}\nexit code {found}, expected {code} and {pattern!r}:\n{said}"
            sleep(0.2)

    def start(self, command: str) -> Beside:
        """Start a command that runs until Ctrl-C."""
        output = self._new_output()
        output.touch()
        process = self._ask(f"{{ {command}\n}} >'{output}' 2>&1 </dev/null & echo $!", 10, command)
        self.beside.append(Beside(command, int(process), output))
        return self.beside[-1]

    def _new_output(self) -> Path:
        return self._outputs / f"{id(self):x}-{len(list(self._outputs.iterdir()))}"

    def _ask(self, line: str, seconds: float, command: str) -> str:
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{line}\n".encode())
        self._bash.stdin.flush()
        ready, _, _ = select.select([self._bash.stdout], [], [], seconds)
        assert ready, f"{command}: not at its end after {seconds:.0f} s"
        return self._bash.stdout.readline().decode().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for other in self.beside:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(other.process, signal.SIGKILL)
        self._bash.kill()
        self._bash.wait(10)
        for stream in (self._bash.stdin, self._bash.stdout):
            if stream:
                stream.close()


def _runs(process: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
