"""Runs `concord up` as a person would, in a process of its own, and looks at what it leaves."""

import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "deploy/sample/boston/records.csv"
NO_LIMITS = {f"CONCORD_LIMIT_{name}": "off" for name in ("LOGINS", "RECEIPTS", "REPORTS")}
"""All tests come from one address."""
RECORDS = 2000
PLACEHOLDERS = 139
"""Records of the sample at the placeholder point."""
KILLABLE = ("broker", "intake", "routing", "notification", "metrics")


class Up:
    """One `concord up` on free ports; as a context manager it leaves no process behind."""

    def __init__(self, home: Path, *arguments: str, once: bool = True, env: Mapping[str, str] | None = None) -> None:
        """`env` is given besides the environment, from which nothing of Concord is taken over."""
        self.home = home
        self.lines: list[str] = []
        self._said = threading.Condition()
        fixed = () if (home / "home.json").exists() else ("--port-base", "0")
        command = [sys.executable, "-m", "concord_cli", "up", "--home", str(home), "--json", *fixed, *arguments]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
        self._process = subprocess.Popen(
            command + ["--once"] * once,
            env=plain | NO_LIMITS | dict(env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._said:
                self.lines.append(line.rstrip("\n"))
                self._said.notify_all()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def await_line(self, text: str, seconds: float = 120) -> str:
        """The first line that holds `text`. Fails when it does not come in time or the process ends without it."""
        deadline = monotonic() + seconds
        with self._said:
            while True:
                found = next((line for line in self.lines if text in line), None)
                if found is not None:
                    return found
                assert monotonic() < deadline, f"'{text}' was not said within {seconds} s:\n{self.said}"
                assert self.alive, f"ended before '{text}' was said:\n{self.said}"
                self._said.wait(0.2)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """The exit code."""
        code = self._process.wait(seconds)
        self._reader.join(10)
        return code

    def account(self, seconds: float = 400) -> dict[str, Any]:
        """The final account of a run that must succeed."""
        assert self._process.stdout is not None
        code = self.wait(seconds)
        assert code == 0, self.said
        account: dict[str, Any] = json.loads(self._process.stdout.read())
        return account

    def running(self) -> dict[str, Any]:
        """What the home tells of the processes that run now; empty before the first of them does."""
        try:
            told: dict[str, Any] = json.loads((self.home / "running.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return told

    def pids(self) -> dict[str, int]:
        return {name: pid for name, pid in self.running().get("pids", {}).items() if pid and is_ours(pid, self.home)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(20)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def is_ours(pid: int, home: Path) -> bool:
    """Whether the process works in this home: process ids are used again."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(home)
    except OSError:
        return False


def processes_of(home: Path) -> list[int]:
    """Every process that works in this home, guards and the broker's own children included."""
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and is_ours(int(each.name), home)]


def gone(home: Path, seconds: float) -> bool:
    """Whether no process works in this home any more, waiting for that up to `seconds`."""
    deadline = monotonic() + seconds
    while processes_of(home):
        if monotonic() > deadline:
            return False
        sleep(0.05)
    return True


def numbers(account: dict[str, Any]) -> dict[str, Any]:
    """What must be the same however the run went."""
    names = ("records", "taken_in", "contacts", "routed", "unroutable_by_reason", "notified", "measured", "agreement")
    return {name: account[name] for name in names}


def left_over(account: dict[str, Any]) -> dict[str, Any]:
    """What must be zero at the end."""
    names = ("refused", "notifications_failed", "notifications_due", "parked", "outbox", "waiting", "queued")
    return {name: account[name] for name in names if account[name] != 0}


def mails(home: Path) -> list[Path]:
    return sorted((home / "mails").glob("*.eml"))


def several(sample: Path, times: int, file: Path) -> Path:
    """The sample `times` over, each copy under ids of its own."""
    with sample.open(encoding="utf-8", newline="") as given, file.open("w", encoding="utf-8", newline="") as out:
        reader = csv.reader(given)
        writer = csv.writer(out)
        writer.writerow(next(reader))
        rows = list(reader)
        writer.writerows([f"{row[0]}-{copy}", *row[1:]] for copy in range(times) for row in rows)
    return file


def kill_at_random(up: Up, kills: int, chance: random.Random, gaps: Sequence[float]) -> list[str]:
    """`kill -9` one part after another, a random one at random moments `gaps` (from, to) seconds apart."""
    killed: list[str] = []
    while len(killed) < kills and up.alive:
        sleep(chance.uniform(gaps[0], gaps[1]))
        victim = chance.choice(KILLABLE)
        pid = up.pids().get(victim)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.append(victim)
    return killed
